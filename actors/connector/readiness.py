"""Who waits for the connector to be ready."""

from __future__ import annotations

from ...messages.lifecycle import Ready
from ..base.reply import Reply


class Readiness:
    """Whether it is ready, and the replies of those who wait for that."""

    def __init__(self, exchange: str) -> None:
        self._ready = Ready(exchange)
        self._is_ready = False
        self._waiting: list[Reply[Ready]] = []

    def wait(self, reply: Reply[Ready]) -> None:
        """Answer once it is; at once if it is so now."""
        self._waiting.append(reply)
        if self._is_ready:
            self._answer()

    def set(self, is_ready: bool) -> Ready | None:
        """Whether it is so now; what to tell if it has become so."""
        became, self._is_ready = is_ready and not self._is_ready, is_ready
        if not became:
            return None
        self._answer()
        return self._ready

    def end(self) -> list[Reply[Ready]]:
        """Who waits still, and is answered otherwise."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _answer(self) -> None:
        for reply in self.end():
            reply.tell(self._ready)
