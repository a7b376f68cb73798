"""What two connections have shown of each other, and for how long that is waited for."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.actors.feeds.frame import Route, Source
from exchange_connector.actors.sockets.overlap import Overlap
from exchange_connector.core.sequence import Rule
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS

DRIVER = DRIVERS["bybit", "spot"]
TRADES = b'{"topic":"publicTrade.ETHUSDT","ts":1,"type":"snapshot","data":[]}'
CANDLE = b'{"type":"snapshot","topic":"kline.1.ETHUSDT","data":[],"ts":1786310818818}'
DELTA = b'{"topic":"orderbook.200.ETHUSDT","ts":1,"type":"delta","data":{}}'
STREAMS = {
    "trades": Stream(Channel.TRADES, "ETHUSDT"),
    "candles": Stream(Channel.KLINES, "ETHUSDT", interval="1m"),
    "book": Stream(Channel.ORDER_BOOK_UPDATES, "ETHUSDT"),
}


class Moved:
    """A mailbox, and its feed: keeps how it was moved."""

    def __init__(self, live_on: int = 1) -> None:
        self.live_on = live_on
        self.feed, self.ways, self.at = self, list[tuple[bool, bool]](), 0

    def move(
        self, mailbox: Any, old: int, new: int, at: int, *, is_whole: bool, is_sure: bool
    ) -> None:
        """It is."""
        assert (mailbox, old, new) == (self, 1, 2)
        self.at = at
        self.ways.append((is_whole, is_sure))


def routes(driver: Any, **boxes: Moved) -> dict[bytes, Route]:
    """Of these streams."""
    nobody: Any = None
    found: dict[bytes, Route] = {}
    for name, box in boxes.items():
        stream, taker = STREAMS[name], box
        rule = driver.rules.get(stream.channel, "none")
        source = Source("sim", stream, driver.decoder(stream), nobody, rule)
        mailbox: Any = taker
        found[driver.stream_name(stream).encode()] = Route(source, (mailbox,))
    return found


def moved(overlap: Overlap, table: dict[bytes, Route]) -> None:
    """The heir carries everything on."""
    overlap.carried, overlap.is_proven = frozenset(table), True
    overlap.move(table, 2)


def test_what_came_on_both_is_sure() -> None:
    """Also of a stream that is not named first; an order book is sure by its ids."""
    boxes = {name: Moved() for name in STREAMS}
    overlap, table = Overlap(1, DRIVER), routes(DRIVER, **boxes)
    overlap.delivered([CANDLE])
    overlap.hold([TRADES, CANDLE, DELTA, b"no json"], 0)
    moved(overlap, table)
    assert boxes["candles"].ways == [(True, True)]
    assert boxes["trades"].ways == [(True, False)]
    assert boxes["book"].ways == [(True, True)]


def test_an_exchange_that_lists_what_it_carries_is_believed() -> None:
    """There is nothing to wait for, either."""
    box, driver = Moved(), DRIVERS["binance", "spot"]
    overlap, table = Overlap(1, driver), routes(driver, candles=box)
    assert not overlap.is_worth_waiting(table, 0.0)
    moved(overlap, table)
    assert box.ways == [(True, True)]


@pytest.mark.parametrize("is_proven", [True, False])
def test_a_cumulative_stream_begins_anew_where_it_is_interrupted(is_proven: bool) -> None:
    """So that what the old one has brought is no repetition any more; of other streams it is."""
    driver, ticker = DRIVERS["bybit", "linear"], Stream(Channel.TICKER, "ETHUSDT")
    nobody: Any = None
    mailbox: Any = Moved()
    more = (driver.decoder(ticker), nobody, Rule.NONE, None, lambda: driver.decoder(ticker))
    table = routes(driver, trades=Moved())
    table[b"tickers.ETHUSDT"] = Route(Source("sim", ticker, *more), (mailbox,))
    delta = b'{"topic":"tickers.ETHUSDT","type":"delta","data":{},"ts":1}'
    overlap = Overlap(1, driver)
    overlap.delivered([delta, TRADES])
    overlap.hold([delta, TRADES], 0)
    overlap.carried, overlap.is_proven = frozenset(table), is_proven
    overlap.move(table, 2)
    assert overlap.held() == [([] if is_proven else [delta], 0)]
    assert overlap.has_delivered(delta) is is_proven


def test_of_states_nothing_older_is_delivered_than_what_came_on_both() -> None:
    """Somebody may have joined meanwhile, who has not had what lies in between."""
    boxes = {name: Moved() for name in STREAMS}
    overlap, table = Overlap(1, DRIVER), routes(DRIVER, **boxes)
    first, last = CANDLE.replace(b"8818}", b"8817}"), CANDLE.replace(b"8818}", b"8819}")
    snapshot = DELTA.replace(b"delta", b"snapshot")
    overlap.delivered([CANDLE, DELTA])
    overlap.hold([first, snapshot, TRADES, DELTA], 2**62)
    overlap.hold([CANDLE, last], 2**62)
    moved(overlap, table)
    assert overlap.held() == [([TRADES], 2**62), ([last], 2**62)]
    assert boxes["candles"].at == 2**62  # the clock was set back since


def test_the_old_one_is_kept_until_all_is_shown() -> None:
    """Three seconds at most."""
    overlap, table = Overlap(1, DRIVER), routes(DRIVER, trades=Moved(), candles=Moved())
    overlap.hold([TRADES, CANDLE], 0)
    assert overlap.is_worth_waiting(table, 100.0)
    overlap.delivered([TRADES])
    assert overlap.is_worth_waiting(table, 102.9)
    assert not overlap.is_worth_waiting(table, 103.0)
    overlap.delivered([CANDLE])
    assert not overlap.is_worth_waiting(table, 102.0)


@pytest.mark.parametrize(("name", "live_on"), [("book", 1), ("trades", 0)])
def test_nothing_else_is_waited_for(name: str, live_on: int) -> None:
    """Nor a stream that the old one has not alive: that was told, or has yet to begin."""
    assert not Overlap(1, DRIVER).is_worth_waiting(routes(DRIVER, **{name: Moved(live_on)}), 0.0)


def test_who_is_in_a_hurry_does_not_wait() -> None:
    """As of a session that carries no data."""
    overlap, table = Overlap(1, DRIVER), routes(DRIVER, trades=Moved())
    assert overlap.is_worth_waiting(table, 0.0)
    overlap.hurry()
    assert not overlap.is_worth_waiting(table, 0.1)
