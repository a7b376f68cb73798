"""A user's typed bot; mypy and pyright, both strict, have nothing to say about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, assert_never, assert_type

import pykka

from exchange_connector import (
    Balance,
    BookTicker,
    CircuitBreakerStats,
    ClockStatus,
    Config,
    ConnectorActor,
    ErrorOccurred,
    Event,
    ExchangeInfo,
    GetBalances,
    GetClockStatus,
    GetExchangeInfo,
    GetHealth,
    GetKeyPermissions,
    GetOrderBook,
    GetServerTime,
    Handlers,
    Health,
    HealthState,
    KeyPermissions,
    KeyRestrictions,
    Kline,
    OrderBook,
    OrderBookUpdate,
    Ping,
    Pong,
    PriceLevel,
    Ready,
    Replied,
    RequestFailed,
    ServerTime,
    Side,
    StreamGap,
    SubscribeTrades,
    Subscription,
    Ticker,
    Trade,
    ask,
    to_asyncio,
)

Market = Ticker | Trade | BookTicker | Kline | OrderBook | OrderBookUpdate | StreamGap


class Bot(pykka.ThreadingActor):
    """An actor."""

    def __init__(self, connector: pykka.ActorRef[Any]) -> None:
        super().__init__()
        self._connector = connector
        self.prices: dict[str, Decimal] = {}

    def on_start(self) -> None:
        """Ask by telling."""
        me = self.actor_ref
        self._connector.tell(SubscribeTrades("BTCUSDT", me, reply_to=me, request_id=1))

    def on_receive(self, message: Any) -> None:
        """Events and answers."""
        match message:
            case Trade(symbol=symbol, price=price):
                self.prices[symbol] = price
            case Replied(request_id=1, reply=Subscription() as subscription):
                assert_type(subscription, Subscription)
            case RequestFailed(error=error):
                assert_type(error, Exception)
            case _:
                pass


def on_event(event: Event) -> None:
    """A callable."""
    match event:
        case Trade():
            assert_type(event.price, Decimal)
            assert_type(event.taker_side, Side)
            assert_type(event.received_time, int)
        case OrderBook(bids=bids):
            assert_type(bids[0], PriceLevel)
            assert_type(bids[0].quantity, Decimal)
        case ErrorOccurred(error=error):
            assert_type(error.exchange, str)
        case _:
            pass


def describe(event: Market) -> str:
    """Nothing is left over."""
    match event:
        case Ticker() | Trade() | BookTicker() | Kline():
            return event.symbol
        case OrderBook() | OrderBookUpdate():
            return str(event.bids)
        case StreamGap():
            return event.reason
        case _:
            assert_never(event)


def use(config: Config) -> None:
    """Ask in every way."""
    ref = ConnectorActor.start(config)
    assert_type(ask(ref, GetServerTime()), ServerTime)
    assert_type(ask(ref, GetBalances(), timeout=5), tuple[Balance, ...])
    assert_type(ask(ref, GetHealth()).state, HealthState)
    assert_type(ask(ref, GetKeyPermissions()), KeyPermissions)
    assert_type(ask(ref, GetExchangeInfo(("BTCUSDT",))), ExchangeInfo)
    assert_type(ask(ref, GetOrderBook("BTCUSDT", 5)).asks[0].price, Decimal)
    assert_type(ask(ref, GetClockStatus()), ClockStatus)
    assert_type(ask(ref, Ping()), Pong)
    assert_type(ask(ref, SubscribeTrades("BTCUSDT", on_event)), Subscription)

    connector = ref.proxy()
    assert_type(connector.ready().get(timeout=5), Ready)
    assert_type(connector.is_running().get(), bool)
    assert_type(connector.exchange().get(), str)
    assert_type(connector.clock_offset().get(), float)
    assert_type(connector.balances().get(), tuple[Balance, ...])
    assert_type(connector.key_restrictions().get(), KeyRestrictions)
    assert_type(connector.health().get(), Health)
    assert_type(connector.circuit_breaker_stats().get(), CircuitBreakerStats)
    assert_type(connector.order_book("BTCUSDT", depth=5).get(), OrderBook)

    bot = Bot.start(ref)
    assert_type(connector.subscribe_trades("BTCUSDT", bot).get(), Subscription)
    assert_type(connector.subscribe_klines("BTCUSDT", "1m", on_event).get(), Subscription)
    assert_type(connector.subscribe_order_book("BTCUSDT", depth=5).get().symbol, str)
    connector.subscribe_events(on_event, max_pending=5, overflow="drop_oldest").get()
    connector.set_handlers(Handlers(on_trade=print_trade, on_gap=print)).get()
    ref.tell(GetServerTime(reply_to=bot, request_id="time"))
    ref.stop()


def print_trade(trade: Trade) -> None:
    """A handler takes its own event."""
    print(trade.price * trade.quantity)


async def use_asyncio(config: Config) -> Callable[[Event], None]:
    """Await futures."""
    connector = ConnectorActor.start(config).proxy()
    assert_type(await to_asyncio(connector.ready()), Ready)
    assert_type(await to_asyncio(connector.server_time()), ServerTime)
    return on_event


def configured() -> Config:
    """A builder's arguments have types, too."""
    builder = Config.builder().exchange("binance", testnet=True).rate_limit(3000, 0.1)
    return builder.circuit_breaker(5, 30.0).connection(timeout=5, proxy="").build()
