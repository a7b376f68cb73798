"""The recorded source: plays a file's frames as they were."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ..market.books import BookView, Level
from ..market.events import Trade
from ..market.fixed import ONE
from ..recorded.player import Player
from ..wire.gate import Gate
from ..wire.hub import Hub
from . import instruments
from .instruments import Instrument
from .recorded_book import RecordedBook
from .recorded_figures import RecordedFigures
from .recording import RecordedFrame, Recording, read_recording
from .topics import CATEGORIES, DEPTH_MS, Topic, parse_topic

Key = tuple[str, str]


class _Sides(msgspec.Struct):
    b: list[Level]
    a: list[Level]


class _Frame(msgspec.Struct):
    data: _Sides


class ReplaySource:
    """Plays a recording from the first subscription on, once."""

    def __init__(
        self, path: Path, speed: float, hub: Hub, gate: Gate, done: threading.Event
    ) -> None:
        recording = read_recording(path)
        self._hub = hub
        self._player = Player(recording.frames, speed, hub, gate, done, self._publish)
        self._listed = {category: recording.symbols(category) for category in CATEGORIES}
        keys = [(category, one) for category in CATEGORIES for one in self._listed[category]]
        self._infos: dict[Key, Any] = {key: _info(recording, key) for key in keys}
        self._figures = {key: RecordedFigures(key[1]) for key in keys}
        self._books: dict[Topic, RecordedBook] = {
            frame.topic: RecordedBook(frame.topic)
            for frame in recording.frames
            if frame.topic.kind == "orderbook"
        }

    async def run(self) -> None:
        """Play every frame."""
        await self._player.run()

    def advance(self, steps: int) -> None:
        """Send so many frames now; the others keep their times."""
        self._player.advance(steps)

    def symbols(self) -> tuple[str, ...]:
        """The symbols of the file's topics."""
        return tuple(dict.fromkeys(one for names in self._listed.values() for one in names))

    def listed(self, category: str) -> tuple[str, ...]:
        """Those of one category."""
        return self._listed[category]

    def instruments(self, category: str) -> Sequence[Any]:
        """The recorded rows, or some that are made up."""
        return [self._infos[category, symbol] for symbol in self._listed[category]]

    def order_book(self, category: str, symbol: str, limit: int) -> dict[str, Any]:
        """The book so far, of the deepest topic that was recorded."""
        return self._book(category, symbol, 0).result(limit)

    def recent_trades(
        self, category: str, symbol: str, limit: int, lag_us: int
    ) -> list[dict[str, Any]]:
        """The trades played so far; a recording has no lag."""
        return self._figures[category, symbol].trade_rows(limit)

    def candles(
        self,
        category: str,
        symbol: str,
        interval: str,
        start_us: int | None,
        end_us: int | None,
        limit: int,
    ) -> list[list[str]]:
        """The candles played so far."""
        return self._figures[category, symbol].candles(interval, start_us, end_us, limit)

    def ticker(self, category: str, symbol: str) -> dict[str, Any]:
        """The ticker so far."""
        return self._figures[category, symbol].row()

    def serves(self, topic: Topic) -> bool:
        """Whether its symbol is listed; what was not recorded of it stays silent."""
        return topic.symbol in self._listed[topic.category]

    def first(self, topic: Topic) -> bytes | None:
        """What was told so far."""
        book = self._books.get(topic)
        if book is not None:
            return book.snapshot() if book.is_known else None
        return self._figures[topic.category, topic.symbol].first(topic)

    def resend(self, pattern: str) -> int:
        """A recording is played as it is."""
        return 0

    def restart(self, pattern: str) -> int:
        """A recording is played as it is."""
        return 0

    def book(self, symbol: str, update_id: int | None, category: str, depth: int) -> BookView:
        """The book so far of that depth, or else of the deepest that was recorded."""
        return self._book(category, symbol, depth).view(update_id)

    def trades(self, symbol: str, category: str) -> list[Trade]:
        """The trades played so far."""
        return [trade for _, trade in self._figures[category, symbol].trades()]

    def trades_by_id(self, symbol: str, category: str) -> dict[str, Trade]:
        """The same by their ids on the wire."""
        return dict(self._figures[category, symbol].trades())

    def _publish(self, frame: RecordedFrame) -> None:
        topic = frame.topic
        if topic.kind == "orderbook":
            self._books[topic].played(frame.payload)
        else:
            self._figures[topic.category, topic.symbol].played(topic, frame.payload)
        self._hub.publish(topic.stream, frame.payload)

    def _book(self, category: str, symbol: str, depth: int) -> RecordedBook:
        topics = [_book_topic(category, symbol, each) for each in (depth, *sorted(DEPTH_MS)[::-1])]
        known = (self._books[topic] for topic in topics if topic in self._books)
        return next(known, RecordedBook(Topic(category, "", "orderbook", symbol)))


def _book_topic(category: str, symbol: str, depth: int) -> Topic | None:
    return parse_topic(category, f"orderbook.{depth}.{symbol}")


def _info(recording: Recording, key: Key) -> Any:
    """The recorded row of an instrument, or one whose steps are those of its first book."""
    if key in recording.infos:
        return recording.infos[key]
    instrument = Instrument.of(*key)
    for frame in recording.frames:
        if frame.topic.kind == "orderbook" and (frame.topic.category, frame.topic.symbol) == key:
            sides = msgspec.json.decode(frame.payload, type=_Frame).data
            tick, step = (_finest([level[at] for level in sides.b + sides.a]) for at in (0, 1))
            listing = replace(instrument.listing, tick=tick, step=step)
            return instruments.row(Instrument(key[0], listing), 0)
    return instruments.row(instrument, 0)


def _finest(numbers: list[str]) -> int:
    """The unit, in 1e-8, of the most decimals that any of them has."""
    places = max((len(number.partition(".")[2]) for number in numbers), default=0)
    return int(ONE // 10 ** min(places, 8))
