"""Trades whose ids have no order, fetched afterwards: each once and in order, or told as missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import Config, ConnectorActor, Side, StreamGap, Trade
from exchange_connector.simulator import SimulatedExchange

SYMBOL = "BTCUSDT"
PAST = "/v5/market/recent-trade"
MOST = {"spot": 60, "linear": 1000}


@dataclass
class Market:
    """An exchange, and what it has told of its trades."""

    exchange: SimulatedExchange
    category: str

    @property
    def stream(self) -> str:
        """Of the trades."""
        return f"{self.category}/publicTrade.{SYMBOL}"

    def ids(self) -> list[str]:
        """Of all trades, in order."""
        return list(self.exchange.trades_by_id(SYMBOL, category=self.category))

    def wait_for_more(self, count: int) -> None:
        """Let so many trades happen."""
        last = len(self.ids())
        assert self.exchange.wait_until(lambda _: len(self.ids()) >= last + count, 10)

    def check(self, events: list[Any]) -> list[str]:
        """Each is a true one, and comes once, in order; none is missing but behind a gap.

        Returns:
            The reasons of the gaps in front of what is missing.
        """
        truth = self.exchange.trades_by_id(SYMBOL, category=self.category)
        ids, told, reasons = list(truth), list[str](), list[str]()
        place: int | None = None
        for event in events:
            if isinstance(event, StreamGap):
                told.append(event.reason)
                continue
            assert isinstance(event, Trade)
            at = ids.index(event.trade_id, 0 if place is None else place + 1)
            if place is not None and at > place + 1:
                assert told, f"{at - place - 1} lost without notice"
                reasons.append(told[-1])
            place, told = at, []
            true = truth[event.trade_id]
            assert event.price == Decimal(true.price).scaleb(-8)
            assert event.quantity == Decimal(true.quantity).scaleb(-8)
            assert event.taker_side is (Side.SELL if true.buyer_is_maker else Side.BUY)
            assert event.trade_time == true.time_us // 1000 * 1_000_000
        return reasons


@pytest.fixture(params=["spot", "linear"])
def market(request: pytest.FixtureRequest) -> Iterator[Market]:
    """Each of them, with forty trades a second."""
    with SimulatedExchange(exchange="bybit", symbols=(SYMBOL,), rate=40.0) as exchange:
        yield Market(exchange, request.param)


@pytest.fixture
def follow(market: Market, record: Any) -> Iterator[Callable[..., tuple[Any, Any]]]:
    """Starts a connector that follows the trades, and takes configuration by table."""
    refs: list[Any] = []

    def started(**tables: dict[str, Any]) -> tuple[Any, Any]:
        recorder = record()
        builder = Config.builder().exchange(
            "bybit",
            market=market.category,
            rest_url=market.exchange.rest_url,
            stream_url=market.exchange.stream_url,
        )
        builder = builder.connection(reconnect_delay=0.02, max_reconnect_wait=0.2)
        for table, fields in tables.items():
            builder = getattr(builder, table)(**fields)
        ref = ConnectorActor.start(builder.build())
        refs.append(ref)
        ref.proxy().subscribe_trades(SYMBOL, recorder).get(timeout=10)
        go_on(recorder)
        return ref, recorder

    yield started
    for ref in refs:
        ref.stop(timeout=10)


def recovered(events: list[Any]) -> list[Trade]:
    """Those that were fetched."""
    return [each for each in events if isinstance(each, Trade) and each.recovered]


def go_on(recorder: Any, count: int = 10) -> None:
    """Wait for so many more live trades."""

    def live(events: list[Any]) -> int:
        return sum(isinstance(each, Trade) and not each.recovered for each in events)

    so_far = live(recorder.events)
    recorder.wait(lambda events: live(events) >= so_far + count, 15)


def test_what_cuts_cost_is_had(market: Market, follow: Any, figure: Any) -> None:
    """Three of them; the notice of each is all that is told."""
    _, trades = follow()
    for count in range(3):
        market.exchange.cut()
        trades.wait_for(StreamGap, count + 1)
        go_on(trades)
    assert market.check(trades.events) == []
    assert trades.gaps == ["disconnected"] * 3
    assert recovered(trades.events)
    asked = sum(request.path == PAST for request in market.exchange.requests)
    figure(
        f"{market.category}: 3 cuts", f"{len(recovered(trades.events))} recovered, {asked} asked"
    )
    assert asked <= 6


def test_of_too_many_the_newest_are_had(market: Market, follow: Any) -> None:
    """Behind what is told: what an answer has room for."""
    _, trades = follow(recovery={"max_trades": 30})
    market.exchange.refuse_upgrades()
    market.exchange.cut()
    market.wait_for_more(100)
    market.exchange.accept_upgrades()
    go_on(trades)
    assert market.check(trades.events) == ["unrecovered"]
    assert trades.gaps == ["disconnected", "unrecovered"]
    assert 20 < len(recovered(trades.events)) <= 30  # less those that came live, of one millisecond


def test_what_an_answer_has_no_room_for_is_told(market: Market, follow: Any) -> None:
    """Of spot it has sixty; those of linear are all there."""
    _, trades = follow()
    market.exchange.refuse_upgrades()
    market.exchange.cut()
    market.wait_for_more(150)
    market.exchange.accept_upgrades()
    go_on(trades)
    is_short = market.category == "spot"
    assert market.check(trades.events) == (["unrecovered"] if is_short else [])
    count = len(recovered(trades.events))
    assert 30 < count < MOST["spot"] if is_short else count >= 150


def test_an_answer_that_lags_is_asked_for_again(market: Market, follow: Any) -> None:
    """Half a second."""
    _, trades = follow()
    market.exchange.lag_trades(0.5)
    market.exchange.cut()
    trades.wait_for(StreamGap)
    go_on(trades)
    assert market.check(trades.events) == []
    assert recovered(trades.events)
    assert sum(request.path == PAST for request in market.exchange.requests) > 1


def test_not_for_ever(market: Market, follow: Any) -> None:
    """An exchange whose REST has stopped with its trades, for good."""
    _, trades = follow()
    market.exchange.lag_trades(3600)
    market.exchange.cut()
    trades.wait_for(StreamGap, 2)
    go_on(trades)
    assert market.check(trades.events) == ["unrecovered"]
    assert trades.gaps == ["disconnected", "unrecovered"]
    assert recovered(trades.events) == []
    assert sum(request.path == PAST for request in market.exchange.requests) <= 4


@pytest.mark.parametrize("fault", ["reset", "refused", "empty", "malformed"])
def test_where_rest_fails_the_gap_stands(fault: str, market: Market, follow: Any) -> None:
    """And live trades go on; the next time all is well."""
    ref, trades = follow()
    bodies = {
        "refused": {"retCode": 10001, "retMsg": "params error", "result": {}},
        "empty": {"retCode": 0, "retMsg": "OK", "result": {"list": []}},
        "malformed": {"retCode": 0, "retMsg": "OK", "result": {"list": [{"execId": 1}]}},
    }
    if fault == "reset":
        market.exchange.reset_rest(PAST, None)
    else:
        market.exchange.answer(PAST, 200, bodies[fault], count=None)
    market.exchange.cut()
    trades.wait_for(StreamGap, 2)
    go_on(trades)
    assert trades.gaps == ["disconnected", "unrecovered"]
    assert recovered(trades.events) == []
    market.exchange.clear(PAST)
    ref.proxy().reset_circuit_breaker().get(timeout=5)
    market.exchange.cut()
    trades.wait_for(StreamGap, 3)
    go_on(trades)
    assert trades.gaps == ["disconnected", "unrecovered", "disconnected"]
    assert recovered(trades.events)
    market.check(trades.events)


def test_a_frame_that_could_not_be_trusted_is_made_good(market: Market, follow: Any) -> None:
    """By REST."""
    _, trades = follow()
    market.exchange.corrupt(market.stream, 1, "digits")
    trades.wait_for(StreamGap)
    go_on(trades)
    assert trades.gaps == ["rejected"]
    assert market.check(trades.events) == []
    assert recovered(trades.events)


def test_what_a_silent_stream_missed_is_had(market: Market, follow: Any) -> None:
    """Once that is noticed, and the session replaced: back to when the exchange dropped it."""
    _, trades = follow(health={"suspect_after": 2.0, "stale_after": 4.0})
    assert market.exchange.forget(market.stream) == 1
    trades.wait_for(StreamGap, 1, 30)
    go_on(trades)
    assert trades.gaps[0] == "stalled"
    short = market.category == "spot"  # of spot only the newest sixty are to be had
    assert market.check(trades.events) == (["unrecovered"] if short else [])
    assert recovered(trades.events)


def test_switched_off_a_doubtful_handover_is_told(market: Market, follow: Any) -> None:
    """There is nobody who could be asked."""
    ref, trades = follow(recovery={"enabled": False})
    assert market.exchange.forget(market.stream) == 1
    market.wait_for_more(3)
    ref.proxy().roll_over().get(timeout=20)
    go_on(trades)
    assert trades.gaps == ["disconnected"]
    assert market.check(trades.events) == ["disconnected"]
    assert not any(request.path == PAST for request in market.exchange.requests)
