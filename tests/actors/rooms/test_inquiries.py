"""Questions that are asked together."""

from __future__ import annotations

from typing import Any

from exchange_connector.actors.trading.inquiry import Answer, Answers, Inquiries, RulesCame
from exchange_connector.messages.errors import ExchangeError, NotRunningError
from exchange_connector.venues.questions import GetAveragePrice, GetReferencePrice

QUESTIONS = (GetReferencePrice("A"), 2.0), (GetAveragePrice("A"), None)


class Desk:
    """Takes questions, and what is told to the room."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, Any, float | None]] = []
        self.told: list[RulesCame] = []
        self.done: list[Answers] = []
        self.inquiries = Inquiries(self._ask, self)

    def _ask(self, request: Any, reply: Any, seconds: float | None = None) -> None:
        self.asked.append((request, reply, seconds))

    def tell(self, message: Any) -> None:
        """As a room's address."""
        self.told.append(message)


def test_all_answers_are_waited_for() -> None:
    """Values and errors, also of a reply that was forgotten."""
    desk, error = Desk(), ExchangeError(-1, "No.", 400)
    desk.inquiries.begin(QUESTIONS, desk.done.append)
    assert [(request, seconds) for request, _, seconds in desk.asked] == list(QUESTIONS)
    desk.asked[0][1].fail(error)
    desk.inquiries.came(desk.told[0])
    assert not desk.done
    desk.asked.clear()
    desk.inquiries.came(desk.told[1])
    (answers,) = desk.done
    assert answers[GetReferencePrice] == Answer(None, error)
    assert isinstance(answers[GetAveragePrice].error, NotRunningError)


def test_where_nothing_is_asked_nothing_is_waited_for() -> None:
    """It is answered at once."""
    desk = Desk()
    desk.inquiries.begin((), desk.done.append)
    assert desk.done == [{}]


def test_answers_to_another_are_none() -> None:
    """They come to a room that took another's place: what waited there is over."""
    old, new = Desk(), Desk()
    old.inquiries.begin(QUESTIONS[:1], old.done.append)
    old.asked[0][1].tell(None)
    new.inquiries.came(old.told[0])
    assert not old.done
    assert not new.done
