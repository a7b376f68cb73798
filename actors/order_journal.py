"""The order journal: writes down each order before it leaves, and what has become of it.

A write to the disk takes a while; so the journal has a room of its own, which writes together what has
come together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..messages.base import Address
from ..messages.errors import ConnectorError, NotRunningError, ValidationError
from ..messages.rooms import Trouble
from ..messages.trading import EndIntent, OpenIntentsWanted, WriteIntent
from .base.reply import Reply
from .base.room import Lifeline, Room
from .trading.order_file import OrderFile

_TIDY = 3_600.0
"""Seconds until what has become old is let go of again."""
_REASONS: dict[type[Exception], str] = {
    KeyError: "was used before, and an id is never used twice",
    UnicodeEncodeError: "must be a text that can be written",
}


class TidyDue(msgspec.Struct, frozen=True):
    """To the journal, by itself: time to let go of what has ended long ago."""


class OrderJournalActor(Room):
    """Keeps the file.

    Args:
        file: Where they are written.
    """

    def __init__(self, lifeline: Lifeline, root: Address[Any], *, file: OrderFile) -> None:
        super().__init__(lifeline, root)
        self._file = file
        self._journal = Journal(file, self.report)

    def open(self) -> None:
        """Tidy up, and tell of what nobody here finds out."""
        self._tidy()
        if others := self._file.of_others():
            reason = (
                f"{others} orders on their way were placed with another key: what has become of "
                "them only a connector with that key finds out"
            )
            self.report(Trouble(ValidationError("journal", "", reason)))

    def receive(self, message: Any) -> None:
        """Handle one message, and those of its kind that wait behind it."""
        match message:
            case WriteIntent() | EndIntent():
                self._journal.write([message, *self.inbox.take_all((WriteIntent, EndIntent))])
            case OpenIntentsWanted():
                self._journal.tell(message)
            case TidyDue():
                self._tidy()
            case _:
                self.not_understood(message)

    def _tidy(self) -> None:
        self._file.forget_old(time.time_ns())
        self.after(_TIDY, TidyDue())


class Journal:
    """What is done with the file. Memory does not let wait: there this is all the journal there is,
    an address whose messages are handled on the thread that tells them, one at a time (in its
    office), and which outlives every room.

    Args:
        report: Takes the news that the file cannot be used.
    """

    def __init__(self, file: OrderFile, report: Callable[[Trouble], object]) -> None:
        self._file, self._report = file, report

    def tell(self, message: Any, /) -> None:
        """Handle one message."""
        if isinstance(message, OpenIntentsWanted):
            self._tell_open(message.reply)
        else:
            self.write([message])

    def _tell_open(self, reply: Reply[Any]) -> None:
        try:
            reply.tell(self._file.open_intents())
        except OSError as failure:
            error = NotRunningError(str(failure))
            self._report(Trouble(error))
            reply.fail(error)

    def write(self, changes: Sequence[WriteIntent | EndIntent]) -> None:
        """Write these together, and answer each."""
        error: ConnectorError | None = None
        refused: dict[str, Exception] = {}
        try:
            refused = self._file.write(changes)
        except OSError as failure:
            error = NotRunningError(f"no order leaves: {failure}")
            self._report(Trouble(error))
        for change in changes:
            if error is not None:
                change.reply.fail(error)
            elif change.id in refused:
                reason = _REASONS[type(refused[change.id])]
                change.reply.fail(ValidationError("client_order_id", change.id, reason))
            else:
                change.reply.tell(None)
