"""Several questions asked at the same time, of which all answers are wanted."""

from __future__ import annotations

from collections.abc import Callable
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


class RulesCame(msgspec.Struct, frozen=True):
    """To the account, by itself: an answer to a question of `inquiry`."""

    inquiry: Inquiry
    question: type[Request[Any]]
    value: Any
    error: ConnectorError | None


class Inquiry:
    """Belongs to the account's room, which takes the answers as `RulesCame`.

    Attributes:
        answers: By the type of the question.

    Args:
        done: Called in the room, with this, when the last answer has come.
    """

    def __init__(self, ask: Asks, address: Address[Any], done: Callable[[Inquiry], None]) -> None:
        self.answers: dict[type[Request[Any]], Answer] = {}
        self._ask, self._address, self._done = ask, address, done
        self._left = 0

    def begin(self, *questions: tuple[Request[Any], float | None]) -> None:
        """Ask all of them, each with the seconds that its answer may take."""
        self._left = len(questions)
        for request, seconds in questions:
            self._ask(request, Reply(self._telling(type(request))), seconds)

    def came(self, message: RulesCame) -> None:
        """One is answered."""
        self.answers[message.question] = Answer(message.value, message.error)
        self._left -= 1
        if not self._left:
            self._done(self)

    def _telling(self, question: type[Request[Any]]) -> Callable[[Any, Any], None]:
        address = self._address

        def came(value: Any, error: Any) -> None:
            address.tell(RulesCame(self, question, value, error))

        return came
