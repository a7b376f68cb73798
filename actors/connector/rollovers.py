"""All sessions replaced, one after the other, because a user wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...messages.errors import ExchangeConnectionError
from ...messages.health import RolledOver
from ...messages.sessions import RollOverWanted, SessionRolled
from ..base.reply import Reply

_REASON = "asked for"


class RollOvers:
    """Who asks while it goes on is answered with the rest.

    Args:
        tell: Tells a session, by its name.
    """

    def __init__(self, tell: Callable[[str, RollOverWanted], None]) -> None:
        self._tell = tell
        self._left: list[str] = []
        self._done = 0
        self._errors: list[str] = []
        self._waiting: list[Reply[RolledOver]] = []

    def begin(self, sessions: Iterable[str], reply: Reply[RolledOver]) -> None:
        """Replace these; the reply comes when it is done."""
        self._waiting.append(reply)
        if len(self._waiting) == 1:
            self._left, self._done, self._errors = sorted(sessions, reverse=True), 0, []
            self._next()

    def rolled(self, message: SessionRolled) -> None:
        """A session was replaced, or could not be; for whatever reason."""
        if self._waiting and self._left and message.name == self._left[-1]:
            self._left.pop()
            if message.error:
                self._errors.append(f"{message.name}: {message.error}")
            else:
                self._done += 1
            self._next()

    def gone(self, session: str) -> None:
        """A session is lost, or not needed any more."""
        if session in self._left[:-1]:  # its turn has not come, and nobody might answer then
            self._left.remove(session)
            self._errors.append(f"{session}: lost")
        else:
            self.rolled(SessionRolled(session, _REASON, "lost"))

    def end(self) -> list[Reply[RolledOver]]:
        """Who waits, and is answered otherwise."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _next(self) -> None:
        if self._left:
            self._tell(self._left[-1], RollOverWanted(_REASON))
            return
        for reply in self.end():
            if self._errors:
                words = "; ".join(self._errors)
                reply.fail(ExchangeConnectionError("session", words, retryable=True))
            else:
                reply.tell(RolledOver(self._done))
