"""The recorded source: plays a file's frames as they were."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from ..binance.exchange_info import symbol_info
from ..clock import Clock, TimeUnit
from ..market.books import BookView
from ..market.events import Trade
from ..market.symbols import listing
from ..wire.gate import Gate
from ..wire.hub import Hub
from .book import RecordedBook
from .figures import RecordedFigures
from .lines import RecordingError
from .player import Player
from .recording import RecordedFrame, read_recording

SPEEDS = ("@100ms", "@1000ms")


class ReplaySource:
    """Plays a recording from the first subscription on, once."""

    def __init__(
        self,
        path: Path,
        speed: float,
        hub: Hub,
        clock: Clock,
        gate: Gate,
        done: threading.Event,
    ) -> None:
        recording = read_recording(path)
        self._player = Player(recording.frames, speed, hub, gate, done, self._publish)
        self._infos = recording.infos
        self._symbols = recording.symbols
        self._hub = hub
        self._clock = clock
        self._targets = {name: targets(name, recording.streams) for name in recording.streams}
        self._figures = {symbol: RecordedFigures(symbol) for symbol in self._symbols}
        self._books = {
            symbol: RecordedBook(symbol, recording.snapshots.get(symbol))
            for symbol in self._symbols
        }
        try:
            for frame in reversed(recording.frames):
                if is_diff(frame):
                    self._books[frame.symbol].expect(frame.payload)
        except msgspec.DecodeError as error:
            raise RecordingError(f"'{path}' is no recording: a depth update: {error}") from error

    async def run(self) -> None:
        """Play every frame."""
        await self._player.run()

    def advance(self, steps: int) -> None:
        """Send so many frames now; the others keep their times."""
        self._player.advance(steps)

    def _publish(self, frame: RecordedFrame) -> None:
        if is_diff(frame):
            self._books[frame.symbol].played(frame.payload)
        elif frame.symbol:
            channel = frame.stream.partition("@")[2]
            self._figures[frame.symbol].played(channel, frame.payload)
        for stream in self._targets[frame.stream]:
            self._hub.publish(stream, frame.payload)

    def symbols(self) -> tuple[str, ...]:
        """The symbols of the file's streams."""
        return self._symbols

    def listed(self, category: str) -> tuple[str, ...]:
        """The same; there is one market."""
        return self.symbols()

    def symbol_info(self, symbol: str) -> Any:
        """The recorded entry of `symbol` in `exchangeInfo`, or one made up."""
        return self._infos.get(symbol) or symbol_info(listing(symbol))

    def depth(self, symbol: str, limit: int) -> bytes:
        """The recorded snapshot at the first request, then the book so far."""
        return self._books[symbol].depth(limit)

    def trade_rows(self, symbol: str, unit: TimeUnit) -> list[dict[str, Any]]:
        """The trades played so far."""
        return self._figures[symbol].trade_rows(unit)

    def aggregate_rows(self, symbol: str, unit: TimeUnit) -> list[dict[str, Any]]:
        """The aggregate trades played so far."""
        return self._figures[symbol].aggregate_rows(unit)

    def block_rows(self, symbol: str, unit: TimeUnit) -> list[dict[str, Any]]:
        """The newest block trade played."""
        return self._figures[symbol].block_rows(unit)

    def klines(
        self,
        symbol: str,
        interval: str,
        unit: TimeUnit,
        zone_ms: int,
        start_us: int | None = None,
        end_us: int | None = None,
        limit: int = 1_000,
    ) -> list[list[Any]]:
        """The candles played so far, in the zone they were recorded in."""
        rows = self._figures[symbol].klines(interval, unit, start_us, end_us)
        return rows[-limit:] if start_us is None else rows[:limit]

    def day(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The last ticker played."""
        return self._figures[symbol].day(unit)

    def window(self, symbol: str, window_ms: int, unit: TimeUnit) -> dict[str, Any]:
        """The last ticker played of that window, or of 24 hours."""
        return self._figures[symbol].window(window_ms, unit)

    def trading_day(self, symbol: str, unit: TimeUnit, zone_ms: int) -> dict[str, Any]:
        """The last ticker played of 24 hours stands for the day."""
        return self._figures[symbol].window(0, unit)

    def reference(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The last reference price played."""
        return self._figures[symbol].reference(unit)

    def is_set_by_hand(self, symbol: str) -> bool:
        """No."""
        return False

    def price(self, symbol: str) -> str:
        """The last price played."""
        return self._figures[symbol].price()

    def top(self, symbol: str) -> dict[str, Any]:
        """The last best bid and ask played."""
        return self._figures[symbol].top()

    def average(self, symbol: str, unit: TimeUnit) -> dict[str, Any]:
        """The last price stands for the average."""
        now = self._clock.microseconds() // unit
        return {"mins": 5, "price": self.price(symbol), "closeTime": now}

    def book(
        self, symbol: str, update_id: int | None, category: str = "", depth: int = 0
    ) -> BookView:
        """The book so far, or right after the diff that ended with `update_id`."""
        return self._books[symbol].view(update_id)

    def trades(self, symbol: str, category: str = "") -> list[Trade]:
        """The trades played so far."""
        return self._figures[symbol].trades()

    def trades_by_id(self, symbol: str, category: str = "") -> dict[str, Trade]:
        """The same by their ids, as texts."""
        return {str(trade.trade_id): trade for trade in self._figures[symbol].trades()}


def is_diff(frame: RecordedFrame) -> bool:
    """Whether a frame is one of the diff stream."""
    return frame.stream.partition("@")[2].partition("@")[0] == "depth"


def targets(stream: str, recorded: set[str]) -> tuple[str, ...]:
    """Whom a recorded stream's frames go to: its own name, and its other update speeds.

    A client that asks for `x@depth` gets the frames of `x@depth@100ms`, and the other way
    round, unless the file has that stream itself.
    """
    base = stream
    for speed in SPEEDS:
        base = base.removesuffix(speed)
    if not base.partition("@")[2].startswith("depth"):
        return (stream,)
    variants = (base, *(base + speed for speed in SPEEDS))
    return (stream, *(name for name in variants if name not in recorded))
