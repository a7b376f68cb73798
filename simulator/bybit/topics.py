"""Topics of the public streams, and how the hub calls them.

Source: websocket/public/orderbook.mdx, trade.mdx, ticker.mdx, kline.mdx. The same topics exist in
every category, so that a stream is called `CATEGORY/TOPIC` inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

CATEGORIES = ("spot", "linear")
DEPTH_MS = {1: 10, 50: 20, 200: 100, 1_000: 200}
"""How often the book of each depth is told, in milliseconds."""
TICKER_MS = {"spot": 50, "linear": 100}
INTERVALS = {
    "1": "1m",
    "3": "3m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "120": "2h",
    "240": "4h",
    "360": "6h",
    "720": "12h",
    "D": "1d",
    "W": "1w",
    "M": "1M",
}
"""The intervals of candles, and what the market calls them."""


@dataclass(frozen=True)
class Topic:
    """A topic that the market serves.

    Attributes:
        category: `spot` or `linear`.
        name: as it was subscribed.
        kind: `orderbook`, `publicTrade`, `tickers` or `kline`.
        symbol: upper case.
        depth: levels of an `orderbook`.
        interval: of a `kline`, as it stands in the topic.
    """

    category: str
    name: str
    kind: str
    symbol: str
    depth: int = 0
    interval: str = ""

    @property
    def stream(self) -> str:
        """What the hub calls it."""
        return stream_name(self.category, self.name)


def stream_name(category: str, topic: str) -> str:
    """What the hub calls a topic of a category."""
    return f"{category}/{topic}"


@lru_cache(maxsize=16_384)
def parse_topic(category: str, name: str) -> Topic | None:
    """Read a topic; `None` for one that is not served."""
    kind, *middle = name.split(".")
    symbol = middle.pop() if middle else ""
    if not middle and kind in ("publicTrade", "tickers") and symbol:
        return Topic(category, name, kind, symbol)
    if len(middle) != 1 or not symbol:
        return None
    (argument,) = middle
    if kind == "orderbook" and argument in map(str, DEPTH_MS):
        return Topic(category, name, kind, symbol, depth=int(argument))
    if kind == "kline" and argument in INTERVALS:
        return Topic(category, name, kind, symbol, interval=argument)
    return None


def parse_stream(stream: str) -> Topic | None:
    """The topic that the hub calls so."""
    category, _, name = stream.partition("/")
    return parse_topic(category, name) if category in CATEGORIES else None
