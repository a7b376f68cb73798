"""By which way the account's requests leave."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ...messages.base import Address
from ...messages.rooms import Fetch
from ...messages.trading import Command
from ..base.reply import Reply
from .commands import NotConnectedError


class Ways:
    """Belongs to the account's room.

    Attributes:
        commands: Where the session takes commands while it is up.

    Args:
        send: Tells a room.
        seconds: For which an answer is waited for where nothing else is said.
    """

    def __init__(
        self, rest: Address[Any], send: Callable[[Address[Any], Any], None], seconds: float
    ) -> None:
        self.commands: Address[Any] | None = None
        self._rest, self._send, self._seconds = rest, send, seconds

    def ask(self, request: Any, reply: Reply[Any]) -> None:
        """By REST, as a question of the connector's own."""
        self._send(self._rest, Fetch(request, reply, own=True))

    def send_once(self, request: Any, seconds: float, reply: Reply[Any]) -> None:
        """By the session if it is up, else by REST."""
        rest, deadline = self._rest, time.monotonic() + (seconds or self._seconds)
        if self.commands is None:
            self._send(rest, Fetch(request, reply, timeout=seconds or None))
            return

        def answered(value: Any, error: Any) -> None:
            if isinstance(error, NotConnectedError):  # nothing was sent, in what time there was
                left = max(0.01, deadline - time.monotonic())
                rest.tell(Fetch(request, reply, timeout=left))
            elif error is not None:
                reply.fail(error)
            else:
                reply.tell(value)

        self._send(self.commands, Command(request, deadline, Reply(answered)))
