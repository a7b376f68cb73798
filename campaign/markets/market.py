"""What the campaign has to know of a market: what its streams are called, and what tells events apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...simulator.wire.record import Published
from ..accounting import Said


@dataclass(frozen=True)
class Market:
    """A market of an exchange.

    Attributes:
        exchange: Its name.
        name: That of the market.
        interval: Of the candles, the shortest that there is.
        streams: Of each of the connector's channels, what the exchange calls the stream of a
            symbol; of order books, the stream that they are kept with.
        events: What one message of the exchange says.
        key_of: The key of an event of the connector's; equal to that of what was said.
        symbol_of: Whose stream it is that is called so.
        consecutive: The channels whose ids show what is missing.
        unordered: Others whose ids show what has come twice.
        category: The same market, as the simulated exchange has it; None where there is one only.
        depth: Of the stream that order books are kept with; None where there is one only.
        is_name_late: Whether there are messages that do not begin with the stream's name.
    """

    exchange: str
    name: str
    interval: str
    streams: Mapping[str, str]
    events: Callable[[dict[str, Any]], Iterator[Said]]
    key_of: Callable[[Any], Hashable]
    symbol_of: Callable[[str], str]
    consecutive: tuple[str, ...]
    unordered: tuple[str, ...]
    category: str | None = None
    depth: int | None = None
    is_name_late: bool = False

    def stream(self, channel: str, symbol: str) -> str:
        """What the exchange calls a symbol's stream."""
        return self.streams[channel].format(symbol=symbol, lower=symbol.lower())

    def pattern(self, channel: str) -> str:
        """What all symbols' streams of a channel are called."""
        return self.stream(channel, "*")

    def said(self, published: Iterable[Published]) -> list[Said]:
        """What the market said on a stream, as the account wants it: each event once.

        What a state is may be said again, and to one connection alone.
        """
        found: dict[Hashable, Said] = {}
        for each in published:
            for event in self.events(json.loads(each.payload)):
                known = found.get(event.key)
                if known is None:
                    found[event.key] = replace(event, is_aside=each.is_beginning)
                elif event.is_state:
                    is_aside = known.is_aside and each.is_beginning
                    found[event.key] = replace(known, is_aside=is_aside, times=known.times + 1)
        return list(found.values())
