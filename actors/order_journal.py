"""The order journal: writes down each order before it leaves, and what has become of it.

A write to the disk takes a while; so the journal has a room of its own, which writes together what has
come together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..messages.base import Address
from ..messages.errors import ConnectorError, NotRunningError, ValidationError
from ..messages.rooms import Trouble
from ..messages.trading import EndIntent, OpenIntentsWanted, WriteIntent
from .base.room import Lifeline, Room
from .trading.order_file import OrderFile


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
        """Tidy up."""
        self._file.forget_old(time.time_ns())

    def receive(self, message: Any) -> None:
        """Handle one message, and those of its kind that wait behind it."""
        match message:
            case WriteIntent() | EndIntent():
                self._journal.write([message, *self.inbox.take_all((WriteIntent, EndIntent))])
            case OpenIntentsWanted():
                self._journal.tell(message)
            case _:
                self.not_understood(message)


class Journal:
    """What is done with the file. Memory does not let wait: there this is all the journal there is,
    an address whose messages are handled on the thread that tells them, one at a time (in its
    office), and which outlives every room.

    Args:
        report: Takes the news that the file cannot be written.
    """

    def __init__(self, file: OrderFile, report: Callable[[Trouble], object]) -> None:
        self._file, self._report = file, report

    def tell(self, message: Any, /) -> None:
        """Handle one message."""
        if isinstance(message, OpenIntentsWanted):
            message.reply.tell(self._file.open_intents())
        else:
            self.write([message])

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
                reason = "was used before, and an id is never used twice"
                change.reply.fail(ValidationError("client_order_id", change.id, reason))
            else:
                change.reply.tell(None)
