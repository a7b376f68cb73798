"""The same acceptance suite for each exchange and market: start, subscribe, faults, books, stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pykka
import pytest

from exchange_connector import (
    BookTicker,
    CircuitState,
    Config,
    ConnectorActor,
    ConnectorError,
    Disconnected,
    GetBalances,
    GetExchangeInfo,
    GetHealth,
    GetOrderBook,
    GetServerTime,
    Handlers,
    HealthState,
    Kline,
    OrderBook,
    OrderBookUpdate,
    StreamGap,
    SubscribeKlines,
    SubscriberLagged,
    Ticker,
    Trade,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

PATIENCE = 10.0
SYMBOL = "BTCUSDT"


@dataclass(frozen=True)
class Venue:
    """An exchange and a market, and what its simulator is told for it.

    Attributes:
        depths: Of the streams that books are kept from; none where one serves all.
    """

    name: str
    market: str
    category: str | None = None
    depths: tuple[int, ...] = ()

    def stream_depth(self, depth: int) -> int | None:
        """Of the stream that a book of so many levels is kept from."""
        return next((each for each in self.depths if each >= depth), None)


VENUES = (
    Venue("binance", "spot"),
    Venue("bybit", "spot", "spot", (50, 200, 1000)),
    Venue("bybit", "linear", "linear", (50, 200, 1000)),
)


@pytest.fixture(params=VENUES, ids=lambda venue: f"{venue.name}-{venue.market}")
def venue(request: pytest.FixtureRequest) -> Venue:
    """Each of them."""
    venue: Venue = request.param
    return venue


@pytest.fixture
def exchange(venue: Venue) -> Iterator[SimulatedExchange]:
    """The exchange in a box."""
    with SimulatedExchange(exchange=venue.name, rate=20.0) as exchange:
        yield exchange


@pytest.fixture
def config(venue: Venue, exchange: SimulatedExchange) -> Callable[..., Config]:
    """A configuration, quick to reconnect; `tables` change single fields."""

    def configured(**tables: dict[str, Any]) -> Config:
        builder = Config.builder().exchange(
            venue.name,
            exchange.api_key,
            exchange.api_secret,
            market=venue.market,
            rest_url=exchange.rest_url,
            stream_url=exchange.stream_url,
        )
        connection = {"timeout": 3.0, "reconnect_delay": 0.02, "max_reconnect_wait": 0.2}
        for name, fields in ({"connection": connection} | tables).items():
            builder = getattr(builder, name)(**fields)
        return builder.build()

    return configured


@pytest.fixture
def ref(config: Callable[..., Config]) -> Iterator[Any]:
    """A connector that is ready; stopped in the end."""
    ref = ConnectorActor.start(config())
    ref.proxy().ready().get(timeout=PATIENCE)
    yield ref
    ref.stop(timeout=PATIENCE)


def assert_books_are_true(
    venue: Venue, exchange: SimulatedExchange, events: list[Any], depth: int = 20
) -> None:
    """Each is the exchange's own at its update id, and they come in order, each id once."""
    events = list(events)  # more may be coming, and with more levels than these
    books = [event for event in events if isinstance(event, OrderBook)]
    assert books
    last = 0
    for event in events:
        if isinstance(event, StreamGap):
            last = 0
        elif isinstance(event, OrderBook):
            assert event.update_id > last
            last = event.update_id
            of = venue.stream_depth(depth)
            own = exchange.book(SYMBOL, last, category=venue.category, depth=of)
            for side, true in ((event.bids, own.bids), (event.asks, own.asks)):
                expected = tuple((Decimal(price), Decimal(much)) for price, much in true[:depth])
                assert tuple(side) == expected, last


# start


def test_it_becomes_ready_and_answers_while_it_does(
    venue: Venue, exchange: SimulatedExchange, config: Callable[..., Config]
) -> None:
    """`start` returns at once; health can be asked for from the first moment."""
    ref = ConnectorActor.start(config())
    try:
        connector = ref.proxy()
        assert ask(ref, GetHealth(), timeout=1.0).state in list(HealthState)
        assert connector.ready().get(timeout=PATIENCE).exchange == venue.name
        assert connector.is_running().get(timeout=1.0)
        assert connector.is_connected().get(timeout=1.0)
        assert connector.exchange().get(timeout=1.0) == venue.name
        assert abs(connector.clock_offset().get(timeout=1.0)) < 0.2
        assert exchange.connections == 1
    finally:
        ref.stop(timeout=PATIENCE)


# requests


def test_requests_are_answered(venue: Venue, exchange: SimulatedExchange, ref: Any) -> None:
    """By message, by proxy, and told with an address for the answer."""
    connector = ref.proxy()
    assert connector.ping().get(timeout=PATIENCE).round_trip < 1.0
    server_time = ask(ref, GetServerTime(), timeout=PATIENCE).server_time
    assert abs(server_time - time.time_ns()) < 2 * 10**9
    info = ask(ref, GetExchangeInfo((SYMBOL,)), timeout=PATIENCE)
    assert [each.symbol for each in info.symbols] == [SYMBOL]
    assert info.symbols[0].filters
    book = ask(ref, GetOrderBook(SYMBOL, 5), timeout=PATIENCE)
    assert (len(book.bids), len(book.asks)) == (5, 5)
    assert book.bids[0].price < book.asks[0].price
    balances = ask(ref, GetBalances(), timeout=PATIENCE)
    assert {"BTC", "USDT"} <= {balance.asset for balance in balances}
    assert all(balance.free >= 0 for balance in balances)
    assert connector.circuit_breaker_stats().get(timeout=PATIENCE).state is CircuitState.CLOSED
    assert connector.sync_clock().get(timeout=PATIENCE).synchronized


def test_a_machine_whose_clock_is_wrong_still_signs(
    exchange: SimulatedExchange, config: Callable[..., Config]
) -> None:
    """By the corrected clock."""
    exchange.skew_clock(-30.0)
    ref = ConnectorActor.start(config())
    try:
        connector = ref.proxy()
        connector.ready().get(timeout=PATIENCE)
        assert -31.0 < connector.clock_offset().get(timeout=1.0) < -29.0
        assert connector.balances().get(timeout=PATIENCE)
    finally:
        ref.stop(timeout=PATIENCE)


def test_refusals_are_typed(ref: Any) -> None:
    """What is wrong is named; what the exchange refuses carries its code."""
    connector = ref.proxy()
    with pytest.raises(ValidationError, match="symbol"):
        connector.subscribe_trades("NOSUCHCOIN", print).get(timeout=PATIENCE)
    with pytest.raises(ValidationError, match="interval"):
        connector.subscribe_klines(SYMBOL, "7m", print).get(timeout=PATIENCE)
    with pytest.raises(ValidationError, match="depth"):
        connector.subscribe_order_book(SYMBOL, print, depth=0).get(timeout=PATIENCE)
    with pytest.raises(ConnectorError) as refused:
        connector.order_book("NOSUCHCOIN").get(timeout=PATIENCE)
    assert getattr(refused.value, "code", 0)


def test_a_failing_server_opens_the_breaker(
    exchange: SimulatedExchange, config: Callable[..., Config]
) -> None:
    """And requests fail at once then; the streams go on."""
    ref = ConnectorActor.start(config(circuit_breaker={"max_failures": 2, "open_timeout": 60.0}))
    try:
        connector = ref.proxy()
        connector.ready().get(timeout=PATIENCE)
        exchange.answer("*", 500, count=None)
        for _ in range(2):
            with pytest.raises(ConnectorError):
                connector.server_time().get(timeout=PATIENCE)
        stats = connector.circuit_breaker_stats().get(timeout=PATIENCE)
        assert (stats.state, stats.total_failures >= 2) == (CircuitState.OPEN, True)
        exchange.clear()
        came = threading.Event()
        connector.subscribe_trades(SYMBOL, lambda _: came.set()).get(timeout=PATIENCE)
        assert came.wait(PATIENCE)
    finally:
        ref.stop(timeout=PATIENCE)


# subscriptions


def test_every_channel_brings_what_the_market_says(
    venue: Venue, exchange: SimulatedExchange, ref: Any, recorder: Any
) -> None:
    """Each trade once, in order, with its digits; and the rest of them."""
    connector = ref.proxy()
    futures = [
        connector.subscribe_trades(SYMBOL.lower(), recorder),
        connector.subscribe_ticker(SYMBOL, recorder),
        connector.subscribe_book_ticker(SYMBOL, recorder),
        connector.subscribe_klines(SYMBOL, "1m", recorder),
        connector.subscribe_order_book(SYMBOL, recorder, depth=20),
        connector.subscribe_order_book_updates(SYMBOL, recorder),
    ]
    for future in futures:
        future.get(timeout=PATIENCE)
    trades = recorder.wait_for(Trade, 40)
    for kind in (Ticker, BookTicker, Kline, OrderBook, OrderBookUpdate):
        recorder.wait_for(kind, 2)
    assert recorder.gaps == []
    said = exchange.trades_by_id(SYMBOL, category=venue.category)
    ids = [trade.trade_id for trade in trades]
    order = list(said)
    begin = order.index(ids[0])
    assert ids == order[begin : begin + len(ids)]
    for trade in trades:
        own = said[trade.trade_id]
        exact = Decimal(own.price).scaleb(-8), Decimal(own.quantity).scaleb(-8)
        assert (trade.price, trade.quantity) == exact
    for event in recorder.of(object):
        assert (event.exchange, event.symbol) == (venue.name, SYMBOL)
        assert abs(event.event_time - event.received_time) < 2 * 10**9
    for ticker in recorder.of(BookTicker):
        assert ticker.bid_price < ticker.ask_price
    assert_books_are_true(venue, exchange, recorder.events)


def test_one_stream_serves_many_and_ends_with_the_last(
    exchange: SimulatedExchange, ref: Any, record: Callable[[], Any]
) -> None:
    """When `unsubscribe` has returned, nothing more is delivered."""
    connector, recorders = ref.proxy(), [record() for _ in range(3)]
    held = [connector.subscribe_trades(SYMBOL, each).get(timeout=PATIENCE) for each in recorders]
    assert len(exchange.streams) == 1
    for subscription, recorder in zip(held, recorders, strict=True):
        recorder.wait_for(Trade, 2)
        subscription.unsubscribe()
        count = len(recorder.events)
        for other in recorders[recorders.index(recorder) + 1 :]:
            other.wait_for(Trade, len(other.of(Trade)) + 3)
        assert len(recorder.events) == count
    assert exchange.wait_until(lambda it: not it.streams, PATIENCE)


def test_actors_and_handlers_get_events_too(ref: Any, recorder: Any) -> None:
    """A plain actor, one message each; a subscription without a subscriber, the handlers."""
    told = threading.Event()

    class Bot(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            if isinstance(message, Kline):
                told.set()

    bot = Bot.start()
    try:
        connector = ref.proxy()
        connector.set_handlers(Handlers(on_trade=recorder)).get(timeout=PATIENCE)
        connector.subscribe_trades(SYMBOL).get(timeout=PATIENCE)
        ask(ref, SubscribeKlines(SYMBOL, "1m", bot), timeout=PATIENCE)
        recorder.wait_for(Trade, 5)
        assert told.wait(PATIENCE)
    finally:
        bot.stop()


def test_a_slow_subscriber_is_told_what_it_missed(
    venue: Venue, exchange: SimulatedExchange, ref: Any, recorder: Any
) -> None:
    """Each trade is delivered, or counted where it stood."""
    gate, entered = threading.Event(), threading.Event()

    def slow(event: Any) -> None:
        recorder(event)
        entered.set()
        assert gate.wait(PATIENCE)

    ref.proxy().subscribe_trades(SYMBOL, slow, max_pending=20).get(timeout=PATIENCE)
    assert entered.wait(PATIENCE)
    first = recorder.events[0].trade_id
    reached = len(exchange.trades_by_id(SYMBOL, category=venue.category)) + 120
    assert exchange.wait_until(
        lambda it: len(it.trades_by_id(SYMBOL, category=venue.category)) > reached, PATIENCE
    )
    gate.set()
    recorder.wait_for(SubscriberLagged)
    recorder.wait(lambda events: isinstance(events[-1], Trade) and len(events) > 40)
    events = recorder.of(object)
    order = list(exchange.trades_by_id(SYMBOL, category=venue.category))
    last = [event.trade_id for event in events if isinstance(event, Trade)][-1]
    dropped = sum(event.dropped for event in events if isinstance(event, SubscriberLagged))
    delivered = sum(isinstance(event, Trade) for event in events)
    assert delivered + dropped == order.index(last) - order.index(first) + 1


# books


@pytest.mark.parametrize("depth", [1, 20, 100, 1000])
def test_books_are_true_at_every_depth(
    depth: int, venue: Venue, exchange: SimulatedExchange, ref: Any, recorder: Any
) -> None:
    """Each that is delivered was the exchange's own."""
    ref.proxy().subscribe_order_book(SYMBOL, recorder, depth=depth).get(timeout=PATIENCE)
    recorder.wait_for(OrderBook, 10)
    assert recorder.gaps == []
    assert_books_are_true(venue, exchange, recorder.events, depth)


@pytest.mark.parametrize("fault", ["cut", "lost", "reordered", "doubled"])
def test_books_are_true_under_faults(
    fault: str, venue: Venue, exchange: SimulatedExchange, ref: Any, recorder: Any
) -> None:
    """An interruption is told once, and a fresh book follows; what comes twice changes nothing."""
    ref.proxy().subscribe_order_book(SYMBOL, recorder, depth=20).get(timeout=PATIENCE)
    recorder.wait_for(OrderBook, 5)
    faults: dict[str, Callable[[], object]] = {
        "cut": exchange.cut,
        "lost": lambda: exchange.lose("*", count=2),
        "reordered": lambda: exchange.reorder("*", count=1),
        "doubled": lambda: exchange.duplicate("*", count=3),
    }
    faults[fault]()
    if fault == "doubled":
        recorder.wait_for(OrderBook, len(recorder.of(OrderBook)) + 10)
        assert recorder.gaps == []
    else:
        recorder.wait_for(StreamGap)
        recorder.wait_for_a_fresh_book()
        assert len(recorder.gaps) == 1
    assert_books_are_true(venue, exchange, recorder.events)


# faults


def test_a_cut_is_told_in_its_place_and_nothing_is_lost_in_silence(
    venue: Venue, exchange: SimulatedExchange, ref: Any, recorder: Any, record: Callable[[], Any]
) -> None:
    """To each subscriber of each stream; no trade comes twice, and the gap stands where any lack."""
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=PATIENCE)
    connector.subscribe_trades(SYMBOL, recorder).get(timeout=PATIENCE)
    recorder.wait_for(Trade, 5)
    exchange.cut()
    life.wait_for(Disconnected)
    recorder.wait_for(StreamGap)
    recorder.wait(lambda events: isinstance(events[-1], Trade) and len(events) > 30)
    order = list(exchange.trades_by_id(SYMBOL, category=venue.category))
    last: int | None = None
    is_told = False
    for event in recorder.of(object):
        if isinstance(event, StreamGap):
            is_told = True
            continue
        at = order.index(event.trade_id)
        assert last is None or at == last + 1 or (is_told and at > last), (last, at)
        last, is_told = at, False


def test_an_announced_end_or_a_wish_replaces_the_session_without_a_gap(
    venue: Venue, exchange: SimulatedExchange, ref: Any, record: Callable[[], Any]
) -> None:
    """Books, tickers and trades go on as if nothing had happened."""
    connector = ref.proxy()
    book, trades, ticker = record(), record(), record()
    connector.subscribe_order_book(SYMBOL, book, depth=20).get(timeout=PATIENCE)
    connector.subscribe_trades(SYMBOL, trades).get(timeout=PATIENCE)
    connector.subscribe_ticker(SYMBOL, ticker).get(timeout=PATIENCE)
    for _ in range(3):
        trades.wait_for(Trade, len(trades.of(Trade)) + 5)
        assert connector.roll_over().get(timeout=PATIENCE).sessions == 1
    book.wait_for(OrderBook, len(book.of(OrderBook)) + 5)
    ticker.wait_for(Ticker, len(ticker.of(Ticker)) + 3)
    trades.wait_for(Trade, len(trades.of(Trade)) + 5)
    assert book.gaps == trades.gaps == ticker.gaps == []
    assert_books_are_true(venue, exchange, book.events)
    ids = [trade.trade_id for trade in trades.of(Trade)]
    order = list(exchange.trades_by_id(SYMBOL, category=venue.category))
    begin = order.index(ids[0])
    assert ids == order[begin : begin + len(ids)]
    times = [each.event_time for each in ticker.of(Ticker)]
    assert times == sorted(times)


def test_a_silent_stream_is_found_out(
    exchange: SimulatedExchange, config: Callable[..., Config], recorder: Any
) -> None:
    """Though the connection lives: it is told, and live data comes back by itself."""
    quick = {"suspect_after": 0.5, "stale_after": 1.0, "pong_timeout": 1.0}
    ref = ConnectorActor.start(config(health=quick))
    try:
        connector = ref.proxy()
        connector.ready().get(timeout=PATIENCE)
        connector.subscribe_trades(SYMBOL, recorder).get(timeout=PATIENCE)
        recorder.wait_for(Trade, 3)
        exchange.stall()
        recorder.wait_for(StreamGap, seconds=20.0)
        exchange.resume()
        count = len(recorder.of(Trade))
        recorder.wait_for(Trade, count + 5, seconds=20.0)
    finally:
        ref.stop(timeout=PATIENCE)


# stop


def test_stopping_ends_everything(
    exchange: SimulatedExchange, config: Callable[..., Config], recorder: Any
) -> None:
    """Quickly, and with no thread left; who asks then is told."""
    before = set(threading.enumerate())
    ref = ConnectorActor.start(config())
    connector = ref.proxy()
    connector.ready().get(timeout=PATIENCE)
    connector.subscribe_order_book(SYMBOL, recorder).get(timeout=PATIENCE)
    recorder.wait_for(OrderBook, 3)
    began = time.monotonic()
    ref.stop(timeout=PATIENCE)
    assert time.monotonic() - began < 5.0
    assert set(threading.enumerate()) <= before
    assert exchange.wait_until(lambda it: it.connections == 0, PATIENCE)
    with pytest.raises(pykka.ActorDeadError):
        ref.ask(GetHealth())


def test_two_connectors_in_one_process_do_not_know_of_each_other(
    venue: Venue, exchange: SimulatedExchange, ref: Any, record: Callable[[], Any]
) -> None:
    """One on another exchange is killed; this one has not noticed."""
    other = "binance" if venue.name == "bybit" else "bybit"
    mine, theirs = record(), record()
    with SimulatedExchange(exchange=other, rate=20.0) as second:
        config = (
            Config.builder()
            .exchange(other, rest_url=second.rest_url, stream_url=second.stream_url)
            .build()
        )
        neighbour = ConnectorActor.start(config)
        neighbour.proxy().ready().get(timeout=PATIENCE)
        neighbour.proxy().subscribe_trades(SYMBOL, theirs).get(timeout=PATIENCE)
        ref.proxy().subscribe_trades(SYMBOL, mine).get(timeout=PATIENCE)
        theirs.wait_for(Trade, 3)
        mine.wait_for(Trade, 3)
        neighbour.stop(timeout=PATIENCE)
        mine.wait_for(Trade, len(mine.of(Trade)) + 10)
    assert mine.gaps == []
    assert {event.exchange for event in mine.of(Trade)} == {venue.name}
    assert {event.exchange for event in theirs.of(Trade)} == {other}
    assert exchange.connections == 1
