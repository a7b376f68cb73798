"""What has to be known of a recording before it is replayed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...messages.enums import Channel
from ...messages.notes import (
    AnyNote,
    CommandSent,
    ConnectionOpened,
    FrameRead,
    RestAnswered,
    SubscriptionOpened,
)
from ...messages.requests import (
    SubscribeBookTicker,
    SubscribeKlines,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
)
from ...messages.streams import Stream
from ...venues.driver import (
    Answered,
    DataFrame,
    Driver,
    GetListing,
    GetSnapshot,
    MalformedError,
)
from .stage import Body, symbol_of

_REQUESTS: dict[str, Any] = {
    Channel.TICKER: SubscribeTicker,
    Channel.TRADES: SubscribeTrades,
    Channel.BOOK_TICKER: SubscribeBookTicker,
    Channel.KLINES: SubscribeKlines,
    Channel.ORDER_BOOK: SubscribeOrderBook,
    Channel.ORDER_BOOK_UPDATES: SubscribeOrderBookUpdates,
}
_NO_BOUND = 1 << 40


def request(note: SubscriptionOpened, subscriber: Any) -> Any:
    """The message that asks for the same again; its subscriber misses nothing for being slow."""
    more: dict[str, Any] = {"max_pending": _NO_BOUND}
    if note.channel == Channel.KLINES:
        more["interval"] = note.interval
    if note.channel == Channel.ORDER_BOOK:
        more["depth"] = note.depth
    return _REQUESTS[note.channel](symbol=note.symbol, subscriber=subscriber, **more)


class Script:
    """A recording's frames and answers, as the exchange's driver reads them."""

    def __init__(self, driver: Driver, notes: Sequence[AnyNote]) -> None:
        self._driver = driver
        self._notes = notes
        self._answers = [note for note in notes if isinstance(note, RestAnswered)]
        self._prefix = driver.frame_prefix
        self.snapshots = driver.endpoints[GetSnapshot].path
        self._listing = driver.endpoints[GetListing].path

    def name(self, data: bytes) -> str:
        """The stream that a frame is of; "" where it does not say so."""
        if not data.startswith(self._prefix):
            return ""
        begin = len(self._prefix)
        return data[begin : data.find(b'"', begin)].decode("utf-8", "replace")

    def book_stream(self, symbol: str) -> str:
        """The stream that a symbol's book is kept from."""
        return self._driver.stream_name(Stream(Channel.ORDER_BOOK_UPDATES, symbol))

    def is_answer(self, data: bytes) -> bool:
        """Whether a frame answers a command, which the stage does by itself."""
        return isinstance(self._control(data), Answered)

    def is_snapshot(self, note: RestAnswered) -> bool:
        """Whether it is one that the connector has asked for, for a book."""
        return note.is_own and note.path == self.snapshots

    def listing(self) -> dict[str, Body]:
        """What is traded, as the exchange said first; nothing where that is not in the recording."""
        for note in self._answers:
            if note.is_own and note.path == self._listing and note.status and not note.size:
                return {self._listing: Body(note.status, note.data)}
        return {}

    def under_way(self, at: int) -> set[str]:
        """The symbols whose snapshots were under way then."""
        return {
            symbol_of(note.query)
            for note in self._answers
            if self.is_snapshot(note) and note.at - note.took * 1e9 < at < note.at
        }

    def refused(self) -> dict[str, dict[str, Any]]:
        """The streams that the exchange has refused one by one, with its error."""
        asked: dict[tuple[int, int], list[str]] = {}
        refused: dict[str, dict[str, Any]] = {}
        for note in self._notes:
            if isinstance(note, CommandSent):
                command = json.loads(note.text)
                asked[note.connection, command["id"]] = command["params"]
            elif isinstance(note, FrameRead) and not note.raw.startswith(self._prefix.decode()):
                answer = self._control(note.data)
                if isinstance(answer, Answered) and answer.error is not None:
                    error = answer.error
                    fields = {
                        "code": getattr(error, "code", 0),
                        "msg": getattr(error, "message", ""),
                    }
                    names = asked.get((note.connection, answer.id), [])
                    refused |= {name: fields for name in names if len(names) == 1}
        return refused

    def _control(self, data: bytes) -> Any:
        if data.startswith(self._prefix):
            return DataFrame(b"")
        try:
            return self._driver.control(data)
        except MalformedError:
            return None


class Connections:
    """Which recorded connections are played as one: a session may have had two at a time."""

    def __init__(self) -> None:
        self._groups: dict[int, int] = {}
        self._standing: dict[int, str] = {}

    def opened(self, note: ConnectionOpened) -> None:
        """One more."""
        session = note.session
        other = next((each for each, name in self._standing.items() if name == session), None)
        group = note.connection if other is None else self._groups[other]
        self._groups[note.connection] = group
        self._standing[note.connection] = session

    def group(self, connection: int) -> int:
        """What a connection is played as."""
        return self._groups.setdefault(connection, connection)

    def closed(self, connection: int) -> bool:
        """One less; whether that was the last of its group."""
        self._standing.pop(connection, None)
        group = self.group(connection)
        return all(self._groups[each] != group for each in self._standing)
