"""The ways to the exchange: the account's session while it is up, and REST."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from ...messages.base import Address
from ...messages.rooms import Fetch
from ...messages.trading import Command
from ..base.reply import Reply
from .commands import NotConnectedError

DEADLINE = 10.0
"""Seconds after which the exchange itself gives an order up."""
_ON_THE_WAY = 2.0


def patience(timeout: float) -> float:
    """Seconds that who places an order waits at most, if others wait for `timeout`."""
    return max(timeout, DEADLINE) + _ON_THE_WAY


class Ways:
    """Belongs to the account's room.

    Attributes:
        commands: Where the session takes a `Command`; None while it is not up.

    Args:
        tell: Tells an address for the room.
    """

    def __init__(self, rest: Address[Any], tell: Callable[[Address[Any], Any], None]) -> None:
        self._rest, self._tell = rest, tell
        self.commands: Address[Any] | None = None

    def send(self, request: Any, seconds: float, reply: Reply[Any]) -> None:
        """Once, by the session if it is up, else by REST; within so many seconds, 0 for the usual."""
        rest, deadline = self._rest, time.monotonic() + (seconds or DEADLINE)
        if self.commands is None:
            until = deadline if seconds else math.inf
            self._tell(rest, Fetch(request, reply, timeout=seconds or None, until=until))
            return

        def answered(value: Any, error: Any) -> None:
            if isinstance(error, NotConnectedError):  # nothing was sent, in what time there was
                rest.tell(Fetch(request, reply, timeout=math.inf, until=deadline))
            elif error is not None:
                reply.fail(error)
            else:
                reply.tell(value)

        self._tell(self.commands, Command(request, deadline, Reply(answered)))

    def ask(self, request: Any, reply: Reply[Any], seconds: float | None = None) -> None:
        """By REST, for the connector's own sake."""
        self._tell(self._rest, Fetch(request, reply, own=True, timeout=seconds))
