"""A stream that the exchange drops without a word, just before its session is replaced.

Nobody can ask what a session of this exchange carries: whatever came between the end of the stream
and the new connection is told as missing, or fetched; and nothing is told where nothing is missing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from exchange_connector import Config, ConnectorActor, RolledOver, StreamGap, SubscriberLagged
from exchange_connector.campaign.accounting import Account, Delivered, Dropped, Missed, account
from exchange_connector.campaign.markets import Market, market_of
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Hold

SYMBOL = "BTCUSDT"
CHANNELS = ("trades", "ticker", "book_ticker", "klines", "order_book_updates")
RECENT = "/v5/market/recent-trade"


@dataclass
class House:
    """A market, a connector that follows all of it, and what came."""

    exchange: SimulatedExchange
    market: Market
    ref: Any
    came: dict[str, Any] = field(default_factory=dict[str, Any])

    def stream(self, channel: str) -> str:
        """As the exchange calls it."""
        return self.market.stream(channel, SYMBOL)

    def forget(self, channel: str) -> None:
        """The exchange drops it, and it has something to say afterwards."""
        name = self.stream(channel)
        assert self.exchange.forget(name) == 1
        said = len(self.exchange.published(name))
        enough = said + (
            2 if channel == "klines" else 3
        )  # the last may be what the next begins with
        assert self.exchange.wait_until(lambda e: len(e.published(name)) >= enough, 5)

    def roll_over(self) -> float:
        """Replace the session; how long that took."""
        began = time.monotonic()
        assert self.ref.proxy().roll_over().get(timeout=20) == RolledOver(1)
        return time.monotonic() - began

    def settle(self) -> None:
        """Let all streams go on for a while; then the market stands still, and all arrives."""
        for channel, recorder in self.came.items():
            count = len(recorder.events) + 2
            recorder.wait(lambda events, count=count: len(events) >= count, 10)
            assert channel in self.market.streams
        self.exchange.apply(Hold())
        for channel, recorder in self.came.items():
            last = self.market.said(self.exchange.published(self.stream(channel)))[-1].key

            def has_all(events: list[Any], last: Any = last) -> bool:
                return any(self._key(each) == last for each in events[-50:])

            recorder.wait(has_all, 10)

    def account(self, channel: str) -> Account:
        """What became of what was said."""
        said = self.market.said(self.exchange.published(self.stream(channel), beginnings=True))
        events = self.came[channel].events
        return account(said, [self._item(each) for each in events], is_complete=True)

    def _key(self, event: Any) -> Any:
        is_notice = isinstance(event, StreamGap | SubscriberLagged)
        return None if is_notice else self.market.key_of(event)

    def _item(self, event: Any) -> Delivered | Missed | Dropped:
        if isinstance(event, StreamGap):
            return Missed(event.first_missed_id, event.last_missed_id)
        if isinstance(event, SubscriberLagged):
            return Dropped(event.dropped)
        return Delivered(self.market.key_of(event), getattr(event, "recovered", False))


@pytest.fixture(params=["spot", "linear"])
def house(request: pytest.FixtureRequest, record: Any) -> Iterator[House]:
    """Each market; silence is suspicious later than any test lasts."""
    options: dict[str, Any] = {"rate": 20.0, "keep_published": 50_000}
    with SimulatedExchange(exchange="bybit", symbols=(SYMBOL,), **options) as exchange:
        builder = Config.builder().exchange(
            "bybit",
            market=request.param,
            rest_url=exchange.rest_url,
            stream_url=exchange.stream_url,
        )
        builder = builder.health(suspect_after=60.0, stale_after=90.0)
        ref = ConnectorActor.start(builder.build())
        try:
            house = House(exchange, market_of("bybit", request.param), ref)
            _subscribe(house, record)
            yield house
        finally:
            ref.stop(timeout=10)


def _subscribe(house: House, record: Any) -> None:
    connector = house.ref.proxy()
    ways = {
        "trades": connector.subscribe_trades,
        "ticker": connector.subscribe_ticker,
        "book_ticker": connector.subscribe_book_ticker,
        "order_book_updates": connector.subscribe_order_book_updates,
    }
    for channel in CHANNELS:
        recorder = house.came[channel] = record()
        if channel == "klines":
            way = connector.subscribe_klines(SYMBOL, house.market.interval, recorder)
        else:
            way = ways[channel](SYMBOL, recorder)
        way.get(timeout=10)
    for recorder in house.came.values():
        recorder.wait(lambda events: len(events) >= 2, 10)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_was_dropped_before_a_rollover_is_no_secret(channel: str, house: House) -> None:
    """Of each kind of stream; no other is concerned."""
    house.forget(channel)
    house.roll_over()
    house.settle()
    for each in CHANNELS:
        found = house.account(each)
        assert found.is_true, (each, found)
        assert found.told + found.recovered > 0 or each != channel
        if each != channel:
            assert house.came[each].gaps == []


def test_a_rollover_tells_nothing_where_nothing_is_missing(house: House) -> None:
    """Of a busy market; how long the old connection is kept has a bound."""
    taken = [house.roll_over() for _ in range(3)]
    house.settle()
    assert max(taken) < 6.0
    for channel in CHANNELS:
        assert house.came[channel].gaps == []
        assert house.account(channel).is_true


def test_nor_of_a_market_that_stands_still(house: House) -> None:
    """Nothing comes on both, and nothing differs that is said anew; only a ticker is in doubt."""
    hold = house.exchange.apply(Hold())
    house.roll_over()
    house.exchange.undo(hold)
    house.settle()
    for channel in CHANNELS:
        assert house.account(channel).is_true
        assert house.came[channel].gaps == [] or channel == "ticker"
