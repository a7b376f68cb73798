"""The candles of one topic: the present one about once a second, and each once more at its end.

Source: websocket/public/kline.mdx. As recorded, spot tells the end of a candle in a frame of its
own, and a contract together with the next candle.
"""

from __future__ import annotations

from ..market.candles import Candle
from ..market.history import Candles
from . import payloads
from .topics import INTERVALS, Topic

SPEAKS_MS = 1_000


class KlineTopic:
    """What a candle topic has told, and what it tells next."""

    def __init__(self, topic: Topic, candles: Candles, now_us: int) -> None:
        candles.reach(now_us)
        self._topic = topic
        self._candles = candles
        self._interval = INTERVALS[topic.interval]
        self._opened_us: int = candles.opened(self._interval)
        self._told: Candle = candles.present(self._interval)

    def present(self, now_us: int) -> bytes:
        """The candle that was told last."""
        return payloads.kline(self._topic, [(self._told, False)], now_us)

    def tick(self, milliseconds: int, now_us: int) -> list[bytes]:
        """The frames that are due."""
        candles = self._candles
        candles.reach(now_us)
        opened = candles.opened(self._interval)
        if opened != self._opened_us:
            closed = candles.closed(self._opened_us, self._interval)
            self._opened_us, self._told = opened, candles.present(self._interval)
            return self._ended(closed, now_us)
        if milliseconds % SPEAKS_MS:
            return []
        now = candles.present(self._interval)
        if now == self._told:
            return []
        self._told = now
        return [payloads.kline(self._topic, [(now, False)], now_us)]

    def _ended(self, closed: Candle | None, now_us: int) -> list[bytes]:
        """The end of a candle and the beginning of the next; the clock may have been set back."""
        ended = [(closed, True)] if closed is not None else []
        begun = [(self._told, False)]
        groups = [ended, begun] if self._topic.category == "spot" else [ended + begun]
        return [payloads.kline(self._topic, group, now_us) for group in groups if group]
