"""The book of a recorded topic, as far as it has been played. Digits are kept as they came."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ..market.books import BookView, Level
from .payloads import encode
from .topics import Topic


class _Data(msgspec.Struct):
    s: str
    b: list[Level]
    a: list[Level]
    u: int
    seq: int


class _Frame(msgspec.Struct):
    type: str
    ts: int
    cts: int
    data: _Data


class _State:
    """A book being built."""

    def __init__(self) -> None:
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.last: _Frame | None = None

    def apply(self, frame: _Frame) -> None:
        if frame.type == "snapshot":
            self.bids, self.asks = {}, {}
        for side, levels in ((self.bids, frame.data.b), (self.asks, frame.data.a)):
            for price, size in levels:
                if Decimal(size):
                    side[price] = size
                else:
                    side.pop(price, None)
        self.last = frame

    def levels(self) -> tuple[list[Level], list[Level]]:
        def price(level: Level) -> Decimal:
            return Decimal(level[0])

        bids = sorted(self.bids.items(), key=price, reverse=True)
        return bids, sorted(self.asks.items(), key=price)


class RecordedBook:
    """A topic's book. Frames are only decoded when somebody asks."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._frames: list[bytes] = []
        self._state = _State()
        self._applied = 0

    @property
    def is_known(self) -> bool:
        """Whether anything has been played of it."""
        return bool(self._frames)

    def played(self, payload: bytes) -> None:
        """A frame was sent."""
        self._frames.append(payload)

    def snapshot(self) -> bytes:
        """The book so far in one frame, its fields in the order of the last one."""
        last = msgspec.json.decode(self._frames[-1], type=dict[str, Any])
        bids, asks = self._now().levels()
        last["type"] = "snapshot"
        last["data"] = {**last["data"], "b": bids, "a": asks}
        return encode(last)

    def result(self, limit: int) -> dict[str, Any]:
        """The result of `market/orderbook`; an empty book before the first frame."""
        state = self._now()
        bids, asks = state.levels()
        last = state.last
        return {
            "s": self._topic.symbol,
            "a": asks[:limit],
            "b": bids[:limit],
            "ts": last.ts if last else 0,
            "u": last.data.u if last else 0,
            "seq": last.data.seq if last else 0,
            "cts": last.cts if last else 0,
        }

    def view(self, update_id: int | None) -> BookView:
        """The book so far, or right after the frame whose number is `update_id`.

        Raises:
            LookupError: if no frame that was played has that number.
        """
        state, found = _State(), 0
        for payload in self._frames:
            frame = msgspec.json.decode(payload, type=_Frame)
            state.apply(frame)
            found = frame.data.u
            if found == update_id:
                break
        if update_id not in (None, found):
            raise LookupError(f"{self._topic.symbol} has no book at update id {update_id}")
        bids, asks = state.levels()
        return BookView(self._topic.symbol, found, tuple(bids), tuple(asks))

    def _now(self) -> _State:
        for payload in self._frames[self._applied :]:
            self._state.apply(msgspec.json.decode(payload, type=_Frame))
        self._applied = len(self._frames)
        return self._state
