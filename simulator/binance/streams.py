"""Stream names.

Source: web-socket-streams.md. Symbols are lower case in a stream name; a name in upper case, or
of a symbol that is not listed, is acknowledged and stays silent, and so is a stream that was
retired, as `!ticker@arr`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..market.candles import INTERVALS

WELL_FORMED = re.compile(r"(![A-Za-z0-9_]+|[^\s!@/\"]+)(@[A-Za-z0-9_:+\-]+)+|![A-Za-z0-9_]+")
PARTIAL_DEPTH = re.compile(r"depth(5|10|20)(@100ms|@1000ms)?")
KLINE = re.compile(r"kline_([0-9]+[smhdwM])(@\+08:00)?")
ALL_MARKETS = re.compile(r"!(miniTicker|ticker_(?:1h|4h|1d))@arr")
AT_ONCE = frozenset(("trade", "aggTrade", "blockTrade", "bookTicker"))
EVERY_SECOND = frozenset(("ticker", "miniTicker", "avgPrice", "referencePrice"))
DEPTH = {"depth": 1_000, "depth@1000ms": 1_000, "depth@100ms": 100}
WINDOWS_MS = {"1h": 3_600_000, "4h": 14_400_000, "1d": 86_400_000}
UTC_8_MS = 8 * 3_600_000


@dataclass(frozen=True)
class StreamName:
    """A stream that the seeded market serves.

    Attributes:
        name: as it was subscribed.
        symbol: empty for a stream of all symbols.
        channel: `trade`, `aggTrade`, `blockTrade`, `bookTicker`, `ticker`, `miniTicker`, `window`,
            `avgPrice`, `referencePrice`, `kline`, `depth` or `partial`.
        period_ms: how often it speaks, 0 for at once.
        interval: of a `kline`, or the size of a `window`.
        zone_ms: how far the clocks that a `kline` goes by are ahead of UTC.
        levels: of a `partial` depth.
    """

    name: str
    symbol: str
    channel: str
    period_ms: int = 0
    interval: str = ""
    zone_ms: int = 0
    levels: int = 0


def is_well_formed(name: object) -> bool:
    """Whether `name` has the form of a stream name, whatever it names."""
    return isinstance(name, str) and WELL_FORMED.fullmatch(name) is not None


@lru_cache(maxsize=16_384)
def parse_stream(name: str) -> StreamName | None:
    """Read a stream name; `None` for one that the market does not serve."""
    if name.startswith("!"):
        return _all_markets(name)
    lower, _, channel = name.partition("@")
    if lower != lower.lower() or not channel:
        return None
    symbol = lower.upper()
    if channel in AT_ONCE:
        return StreamName(name, symbol, channel)
    if channel in EVERY_SECOND:
        return StreamName(name, symbol, channel, 1_000)
    if channel in DEPTH:
        return StreamName(name, symbol, "depth", DEPTH[channel])
    if channel.removeprefix("ticker_") in WINDOWS_MS:
        return StreamName(name, symbol, "window", 1_000, channel.removeprefix("ticker_"))
    return _partial(name, symbol, channel) or _kline(name, symbol, channel)


def _all_markets(name: str) -> StreamName | None:
    match = ALL_MARKETS.fullmatch(name)
    if match is None:
        return None
    if match[1] == "miniTicker":
        return StreamName(name, "", "miniTicker", 1_000)
    return StreamName(name, "", "window", 1_000, match[1].removeprefix("ticker_"))


def _partial(name: str, symbol: str, channel: str) -> StreamName | None:
    match = PARTIAL_DEPTH.fullmatch(channel)
    if match is None:
        return None
    period = 100 if match[2] == "@100ms" else 1_000
    return StreamName(name, symbol, "partial", period, levels=int(match[1]))


def _kline(name: str, symbol: str, channel: str) -> StreamName | None:
    match = KLINE.fullmatch(channel)
    if match is None or match[1] not in INTERVALS:
        return None
    period = 1_000 if match[1] == "1s" else 2_000
    return StreamName(name, symbol, "kline", period, match[1], UTC_8_MS if match[2] else 0)
