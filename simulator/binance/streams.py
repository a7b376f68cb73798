"""Stream names.

Source: web-socket-streams.md. Symbols are lower case in a stream name; a name in upper case, or
of a symbol that is not listed, is acknowledged and stays silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ..market.candles import INTERVALS

WELL_FORMED = re.compile(r"(![A-Za-z0-9_]+|[^\s!@/\"]+)(@[A-Za-z0-9_:+\-]+)+|![A-Za-z0-9_]+")
PARTIAL_DEPTH = re.compile(r"depth(5|10|20)(@100ms|@1000ms)?")
KLINE = re.compile(r"kline_([0-9]+[smhdwM])")


@dataclass(frozen=True)
class StreamName:
    """A stream that the seeded market serves.

    `channel` is `trade`, `aggTrade`, `bookTicker`, `ticker`, `miniTicker`, `avgPrice`, `kline`,
    `depth` or `partial`; `period_ms` is how often it speaks, 0 for at once.
    """

    name: str
    symbol: str
    channel: str
    period_ms: int = 0
    interval: str = ""
    levels: int = 0


def is_well_formed(name: object) -> bool:
    """Whether `name` has the form of a stream name, whatever it names."""
    return isinstance(name, str) and WELL_FORMED.fullmatch(name) is not None


@lru_cache(maxsize=16_384)
def parse_stream(name: str) -> StreamName | None:
    """Read a stream name; `None` for one that the market does not serve."""
    lower, _, channel = name.partition("@")
    if lower != lower.lower() or not channel:
        return None
    symbol = lower.upper()
    if channel in ("trade", "aggTrade", "bookTicker"):
        return StreamName(name, symbol, channel)
    if channel in ("ticker", "miniTicker", "avgPrice"):
        return StreamName(name, symbol, channel, 1_000)
    if channel in ("depth", "depth@100ms", "depth@1000ms"):
        return StreamName(name, symbol, "depth", 100 if channel == "depth@100ms" else 1_000)
    return _partial(name, symbol, channel) or _kline(name, symbol, channel)


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
    return StreamName(name, symbol, "kline", period, interval=match[1])
