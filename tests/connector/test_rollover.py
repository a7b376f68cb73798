"""A websocket session is replaced by a new one: nothing missed, nothing doubled."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from exchange_connector import (
    BookTicker,
    Connected,
    Disconnected,
    ExchangeConnectionError,
    Kline,
    OrderBookUpdate,
    RolledOver,
    SessionReplaced,
    StreamGap,
    Ticker,
    Trade,
)
from exchange_connector.actors.sockets import overlap
from exchange_connector.campaign.accounting import Account, Delivered, Missed, account
from exchange_connector.campaign.markets import BINANCE
from exchange_connector.campaign.proxy import Proxy
from exchange_connector.simulator import SimulatedExchange

CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


def everything_of(connector: Any, symbol: str, record: Callable[[], Any]) -> dict[str, Any]:
    """A subscription to each channel of a symbol."""
    recorders = {channel: record() for channel in CHANNELS}
    for channel, recorder in recorders.items():
        getattr(connector, f"subscribe_{channel}")(symbol, recorder).get(timeout=10)
    recorders["trades"].wait_for(Trade)
    return recorders


def nothing_is_missing(exchange: SimulatedExchange, recorders: dict[str, Any]) -> int:
    """Ids without a hole or a repetition; how many events there were."""
    trades = [int(event.trade_id) for event in recorders["trades"].of(Trade)]
    assert trades == list(range(trades[0], trades[0] + len(trades)))
    updates = recorders["order_book_updates"].of(OrderBookUpdate)
    for one, other in pairwise(updates):
        assert other.first_update_id == one.last_update_id + 1
    tickers = [event.update_id for event in recorders["book_ticker"].of(BookTicker)]
    assert tickers == sorted(set(tickers))
    times = [event.event_time for event in recorders["ticker"].of(Ticker)]
    assert times == sorted(set(times))
    for recorder in recorders.values():
        assert recorder.of(StreamGap) == []
    return sum(len(recorder.events) for recorder in recorders.values())


def until_all_has_come(exchange: SimulatedExchange, recorders: dict[str, Any]) -> None:
    """The market stands still, and its last trade has arrived."""
    exchange.hold()
    symbol = recorders["trades"].events[0].symbol
    last = str(exchange.trades(symbol)[-1].trade_id)
    recorders["trades"].wait(lambda events: events[-1].trade_id == last)


def test_a_rollover_on_request(
    start: Callable[..., Any], record: Callable[[], Any], true_books: Any
) -> None:
    """Ten in a row, in the middle of everything."""
    with SimulatedExchange(rate=100.0) as exchange:
        connector, life = start(exchange).proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        recorders = everything_of(connector, "BTCUSDT", record)
        for _ in range(10):
            seen = len(recorders["trades"].events)
            assert connector.roll_over().get(timeout=10) == RolledOver(1)
            recorders["trades"].wait(lambda events, seen=seen: len(events) > seen + 5)
        until_all_has_come(exchange, recorders)
        nothing_is_missing(exchange, recorders)
        true_books(exchange, recorders["order_book"].events, 20)
        assert len(life.of(SessionReplaced)) == 10
        assert life.of(SessionReplaced)[0].reason == "asked for"
        assert (life.of(Disconnected), life.of(Connected)) == ([], [])
        assert (exchange.dials, exchange.connections) == (11, 1)
        assert connector.is_connected().get(timeout=5)


def test_a_new_connection_that_is_slower(
    start: Callable[..., Any], record: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the old one has brought may come on the new one after it has taken over: not again."""
    with SimulatedExchange(rate=50.0) as exchange:
        proxy = Proxy(exchange.port)
        proxy.start()
        url = f"127.0.0.1:{proxy.port}"
        monkeypatch.setattr(SimulatedExchange, "stream_url", f"ws://{url}")
        connector = start(exchange, health={"suspect_after": 5.0}).proxy()
        recorders = everything_of(connector, "BTCUSDT", record)
        klines = record()
        connector.subscribe_klines("BTCUSDT", "1s", klines).get(timeout=10)
        proxy.lag(1.2)  # more than the second between two tickers
        assert connector.roll_over().get(timeout=20) == RolledOver(1)
        seen = len(recorders["ticker"].events)
        recorders["ticker"].wait(lambda events: len(events) > seen + 2)
        until_all_has_come(exchange, recorders)
        nothing_is_missing(exchange, recorders)
        states = [(event.event_time, event.is_closed) for event in klines.of(Kline)]
        assert len(states) == len(set(states))
        connector.stop()
        proxy.stop()


def test_an_announced_shutdown(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Before the exchange ends the session, another one carries everything."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything_of(connector, "BTCUSDT", record)
    (old,) = exchange.connection_ids
    exchange.announce_shutdown()
    (replaced,) = life.wait_for(SessionReplaced)
    assert replaced.reason == "the exchange has announced: serverShutdown"
    exchange.close(connection=old)
    seen = len(recorders["trades"].events)
    recorders["trades"].wait(lambda events: len(events) > seen + 5)
    until_all_has_come(exchange, recorders)
    nothing_is_missing(exchange, recorders)
    assert life.of(Disconnected) == []


def test_after_its_time(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """As the configuration says, again and again."""
    connector, life = start(exchange, rollover={"after": 0.3}).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything_of(connector, "BTCUSDT", record)
    life.wait_for(SessionReplaced, 4)
    until_all_has_come(exchange, recorders)
    nothing_is_missing(exchange, recorders)
    assert life.of(Disconnected) == []


ACCOUNTED = ("trades", "book_ticker", "order_book_updates", "ticker")


def accounts(exchange: SimulatedExchange, symbol: str, recorders: dict[str, Any]) -> list[Account]:
    """What became of every event that the market had, for each stream of a symbol."""
    found: list[Account] = []
    for channel in ACCOUNTED:
        published = BINANCE.said(exchange.published(BINANCE.stream(channel, symbol)))
        events, key = recorders[channel].events, BINANCE.key_of
        items = [Missed() if isinstance(e, StreamGap) else Delivered(key(e)) for e in events]
        found.append(account(published, items, is_complete=channel == "trades"))
    return found


def test_several_sessions_take_turns(
    start: Callable[..., Any], record: Callable[[], Any], few_streams: None, figure: Any
) -> None:
    """Three sessions, thousands of events a second: nothing is lost, nothing doubled."""
    symbols, count = ("BTCUSDT", "ETHUSDT"), int(os.environ.get("CONNECTOR_TEST_ROLLOVERS", "5"))
    with SimulatedExchange(symbols=symbols, rate=900.0, keep_published=1_000_000) as exchange:
        connector, life = start(exchange).proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        of = {symbol: everything_of(connector, symbol, record) for symbol in symbols}
        life.wait_for(Connected, 2)
        begun, before = time.monotonic(), heard(of)
        for _ in range(count):
            assert connector.roll_over().get(timeout=10) == RolledOver(3)
            seen = len(of["BTCUSDT"]["trades"].events)
            of["BTCUSDT"]["trades"].wait(lambda events, seen=seen: len(events) > seen + 500)
        rate = (heard(of) - before) / (time.monotonic() - begun)
        for recorders in of.values():
            until_all_has_come(exchange, recorders)
            nothing_is_missing(exchange, recorders)
        found = [each for symbol in symbols for each in accounts(exchange, symbol, of[symbol])]
        assert all(each.is_true and each.balances and not each.told for each in found)
        names = [event.session for event in life.of(SessionReplaced)]
        assert names == ["session-0", "session-1", "session-2"] * count
        assert life.of(Disconnected) == []
        delivered = sum(each.delivered for each in found)
        lost = sum(len(each.lost) for each in found)
        doubled = sum(len(each.doubled) for each in found)
        words = f"{rate:.0f}; {delivered} events, lost {lost}, doubled {doubled}"
        figure(f"{3 * count} rollovers of 3 sessions, events a second", words)


def heard(of: dict[str, dict[str, Any]]) -> int:
    """How many events came."""
    return sum(len(each.events) for recorders in of.values() for each in recorders.values())


def test_subscribing_and_leaving_meanwhile(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """What is asked for during a rollover is there after it; what is left is not."""
    connector = start(exchange).proxy()
    recorders = everything_of(connector, "BTCUSDT", record)
    left = connector.subscribe_book_ticker("ETHUSDT", record()).get(timeout=5)
    exchange.ignore_controls("LIST_SUBSCRIPTIONS", count=1)  # it hangs, until the old one is left
    rolled, late = connector.roll_over(), record()
    exchange.wait_until(lambda e: e.connections == 2)
    joined = connector.subscribe_trades("ETHUSDT", late)
    connector.unsubscribe(left).get(timeout=5)
    rolled.get(timeout=10)
    joined.get(timeout=10)
    late.wait_for(Trade, 5)
    assert exchange.wait_until(lambda e: "ethusdt@bookTicker" not in e.streams)
    assert recorders["trades"].wait_for(Trade)


def test_a_rollover_that_fails_leaves_the_session_as_it_is(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Who has asked is told; it is tried again."""
    connector, life = start(exchange).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything_of(connector, "BTCUSDT", record)
    exchange.refuse_upgrades(status=503)
    with pytest.raises(ExchangeConnectionError, match=r"session-0: .*503"):
        connector.roll_over().get(timeout=10)
    exchange.accept_upgrades()
    life.wait_for(SessionReplaced)
    until_all_has_come(exchange, recorders)
    nothing_is_missing(exchange, recorders)


@pytest.mark.parametrize("which", ["early", "old", "new", "both"])
def test_a_connection_that_is_lost_in_the_middle(
    start: Callable[..., Any], record: Callable[[], Any], which: str
) -> None:
    """Whichever it is: no id is doubled or missing without a gap, and all comes back."""
    with SimulatedExchange(rate=100.0) as exchange:
        connector = start(exchange).proxy()
        recorders = everything_of(connector, "BTCUSDT", record)
        (old,) = exchange.connection_ids
        exchange.ignore_controls("LIST_SUBSCRIPTIONS", count=1)
        rolled = connector.roll_over()
        assert exchange.wait_until(lambda e: e.connections == 2)
        if which != "early":
            assert exchange.wait_until(
                lambda e: any(each.method == "LIST_SUBSCRIPTIONS" for each in e.controls)
            )
        new = max(exchange.connection_ids)
        for connection in {"early": (old,), "old": (old,), "new": (new,), "both": (new, old)}[
            which
        ]:
            exchange.cut(connection)
        try:
            rolled.get(timeout=10)
        except ExchangeConnectionError:
            assert which != "old"
        for channel, kind in (("trades", Trade), ("book_ticker", BookTicker)):
            seen = len(recorders[channel].events)
            recorders[channel].wait(lambda events, seen=seen: len(events) > seen + 20)
            last = 0
            for event in recorders[channel].events:
                if isinstance(event, StreamGap):
                    continue
                assert isinstance(event, kind)
                number = int(event.trade_id) if isinstance(event, Trade) else event.update_id
                assert number > last
                last = number
        gaps = recorders["trades"].of(StreamGap)
        assert len(gaps) == (0 if which == "old" else len(gaps))
        trades = [e for e in recorders["trades"].events if isinstance(e, StreamGap | Trade)]
        for one, other in pairwise(trades):
            if isinstance(one, Trade) and isinstance(other, Trade):
                assert int(other.trade_id) == int(one.trade_id) + 1


def test_more_than_there_is_room_for(
    start: Callable[..., Any], record: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rollover that takes too long is given up, and costs nothing."""
    monkeypatch.setattr(overlap, "_MOST_BYTES", 10_000)
    with SimulatedExchange(rate=100.0) as exchange:
        connector = start(exchange).proxy()
        recorders = everything_of(connector, "BTCUSDT", record)
        exchange.ignore_controls("LIST_SUBSCRIPTIONS", count=1)
        with pytest.raises(ExchangeConnectionError, match="more was held"):
            connector.roll_over().get(timeout=10)
        assert recorders["trades"].of(StreamGap) == []


def test_stopping_in_the_middle(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Whoever waits is answered, and no thread is left."""
    ref = start(exchange)
    connector = ref.proxy()
    everything_of(connector, "BTCUSDT", record)
    exchange.ignore_controls("LIST_SUBSCRIPTIONS", count=None)
    rolled = connector.roll_over()
    assert exchange.wait_until(lambda e: e.connections == 2)
    ref.stop()
    with pytest.raises(Exception, match=r"."):
        rolled.get(timeout=5)
    assert exchange.wait_until(lambda e: e.connections == 0)
