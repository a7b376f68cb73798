"""Several questions asked at the same time, of which all answers are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from ...messages.base import Address, Request
from ...messages.errors import ConnectorError
from ..base.reply import Reply


class Asks(Protocol):
    """Asks by REST; `seconds` is how long an answer is waited for, None as for any request."""

    def __call__(
        self, request: Any, reply: Reply[Any], seconds: float | None = None, /
    ) -> None: ...


class Answer(NamedTuple):
    """What came of a question."""

    value: Any
    error: ConnectorError | None


Answers = dict[type[Request[Any]], Answer]
"""By the type of the question."""


@dataclass(eq=False)
class Inquiry:
    """So many answers are still to come."""

    left: int
    done: Callable[[Answers], None]
    answers: Answers = field(default_factory=Answers)


class RulesCame(msgspec.Struct, frozen=True):
    """To the account, by itself: an answer to a question of `inquiry`."""

    inquiry: Inquiry
    question: type[Request[Any]]
    value: Any
    error: ConnectorError | None


class Inquiries:
    """Belongs to the account's room, which takes the answers as `RulesCame`."""

    def __init__(self, ask: Asks, address: Address[Any]) -> None:
        self._ask, self._address = ask, address
        self._open = set[Inquiry]()

    def begin(
        self,
        questions: Sequence[tuple[Request[Any], float | None]],
        done: Callable[[Answers], None],
    ) -> None:
        """Ask all of them, each with the seconds that its answer may take; there may be none.

        Args:
            done: Called in the room when the last answer has come.
        """
        if not questions:
            done({})
            return
        inquiry = Inquiry(len(questions), done)
        self._open.add(inquiry)
        for request, seconds in questions:
            self._ask(request, Reply(self._telling(inquiry, type(request))), seconds)

    def came(self, message: RulesCame) -> None:
        """One is answered."""
        inquiry = message.inquiry
        if inquiry not in self._open:
            return  # an earlier room has asked, and those who waited there were told that it died
        inquiry.answers[message.question] = Answer(message.value, message.error)
        inquiry.left -= 1
        if not inquiry.left:
            self._open.discard(inquiry)
            inquiry.done(inquiry.answers)

    def _telling(
        self, inquiry: Inquiry, question: type[Request[Any]]
    ) -> Callable[[Any, Any], None]:
        address = self._address

        def came(value: Any, error: Any) -> None:
            address.tell(RulesCame(inquiry, question, value, error))

        return came
