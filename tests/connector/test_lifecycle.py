"""Starting, stopping, asking and telling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector import (
    ConfigurationError,
    ConnectorActor,
    ErrorOccurred,
    ExchangeError,
    GetBalances,
    GetExchangeInfo,
    GetHealth,
    GetOrderBook,
    GetServerTime,
    HealthState,
    NotRunningError,
    Ping,
    Ready,
    Replied,
    RequestFailed,
    ServerTime,
    Stopped,
    SubscribeTrades,
    Subscription,
    Trade,
    Unsubscribe,
    ValidationError,
    WaitReady,
    ask,
    to_asyncio,
)
from exchange_connector.simulator import SimulatedExchange


def test_every_request_as_proxy_method_ask_and_tell(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """A request means the same in each of its three forms."""
    ref = start(exchange)
    connector = ref.proxy()
    inbox = Probe()
    requests: dict[Any, Callable[[], pykka.Future[Any]]] = {
        GetServerTime: connector.server_time,
        Ping: connector.ping,
        GetExchangeInfo: connector.exchange_info,
        GetBalances: connector.balances,
        WaitReady: connector.ready,
        GetHealth: connector.health,
    }
    for number, (message, method) in enumerate(requests.items()):
        called = method().get(timeout=5)
        asked = ask(ref, message(), timeout=5)
        ref.tell(message(reply_to=inbox, request_id=number))
        told = inbox.wait(number + 1)[-1]
        assert isinstance(told, Replied)
        assert told.request_id == number
        assert type(called) is type(asked) is type(told.reply), message


class Probe:
    """An address that keeps what it is told."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._told = threading.Condition()

    def tell(self, message: Any, /) -> None:
        with self._told:
            self.messages.append(message)
            self._told.notify_all()

    def wait(self, count: int) -> list[Any]:
        with self._told:
            assert self._told.wait_for(lambda: len(self.messages) >= count, 5)
            return self.messages


def test_a_told_request_that_fails_is_answered(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """`RequestFailed` carries the typed error and the request's id."""
    ref, inbox = start(exchange), Probe()
    ref.tell(GetOrderBook("NOPE", reply_to=inbox, request_id="a"))
    (failed,) = inbox.wait(1)
    assert isinstance(failed, RequestFailed)
    assert failed.request_id == "a"
    assert isinstance(failed.error, ExchangeError)
    assert failed.error.code == -1121
    assert failed.error.exchange == "binance"


def test_unknown_and_wrong_messages_do_no_harm(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """An ask gets the error; a tell, and a deferred call, become `ErrorOccurred`."""
    ref = start(exchange)
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    with pytest.raises(ValidationError):
        ref.ask("nonsense", timeout=5)
    with pytest.raises(TypeError):
        connector.order_book().get(timeout=5)
    ref.tell({"nonsense": 1})
    connector.order_book.defer()
    ref.tell(GetOrderBook("NOPE"))
    errors = life.wait_for(ErrorOccurred, 3)
    assert {type(event.error).__name__ for event in errors} >= {"ValidationError", "ExchangeError"}
    assert ask(ref, GetHealth()).state is HealthState.LIVE


def test_a_wrong_configuration_raises_from_start(exchange: SimulatedExchange) -> None:
    """Nothing is started."""
    from exchange_connector import Config, ConnectionConfig, ExchangeConfig

    with pytest.raises(ConfigurationError) as caught:
        ConnectorActor.start(
            Config(exchange=ExchangeConfig("nope"), connection=ConnectionConfig(timeout=-1.0))
        )
    assert {error.field for error in caught.value.errors} == {
        "exchange.name",
        "connection.timeout",
    }
    with pytest.raises(ConfigurationError):
        ConnectorActor.start(Config(exchange=ExchangeConfig("binance", market="linear")))
    assert pykka.ActorRegistry.get_all() == []


def test_requests_under_way_at_the_stop_are_answered(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Nobody is left without an answer."""
    ref = start(exchange)
    exchange.delay("/api/v3/time", 3.0)
    futures = [ref.proxy().server_time() for _ in range(20)]
    assert exchange.wait_until(lambda e: e.requests[-1].path == "/api/v3/time")
    began = time.monotonic()
    ref.stop(timeout=5)
    for future in futures:
        with pytest.raises((NotRunningError, pykka.ActorDeadError)):
            future.get(timeout=1)
    assert time.monotonic() - began < 2
    with pytest.raises(pykka.ActorDeadError):
        ref.ask(GetServerTime(), timeout=1)


def test_stop_from_a_callback(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """A subscriber may stop the connector it is called by."""
    ref = start(exchange)
    stopped = threading.Event()

    def stop(trade: Trade) -> None:
        ref.stop(timeout=5)
        stopped.set()

    ref.proxy().subscribe_trades("BTCUSDT", stop).get(timeout=5)
    assert stopped.wait(4)


def test_stop_while_the_exchange_cannot_be_reached(start: Callable[..., Any]) -> None:
    """A connector that never came up stops as quickly."""
    with SimulatedExchange() as exchange:
        pass
    ref = start(exchange, ready=False)
    with pytest.raises(pykka.Timeout):
        ref.proxy().ready().get(timeout=0.3)
    waiting = ref.proxy().ready()
    began = time.monotonic()
    ref.stop(timeout=5)
    assert time.monotonic() - began < 2
    with pytest.raises((NotRunningError, pykka.ActorDeadError)):
        waiting.get(timeout=1)


def test_ready_once_the_exchange_comes_up(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """It comes up by itself, however long that takes; `Ready` is told again after a loss."""
    exchange.refuse_upgrades(status=503, count=3)
    ref = start(exchange, ready=False)
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    assert isinstance(ref.proxy().ready().get(timeout=5), Ready)
    exchange.cut()
    life.wait_for(Ready, 2)
    ref.stop(timeout=5)
    assert isinstance(life.events[-1], Stopped)


def test_an_idle_connector_has_few_threads(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    figure: Callable[[str, object], None],
) -> None:
    """One for each room, the socket's reader, and at most a few workers that are about to end."""
    before = set(threading.enumerate())
    began = time.monotonic()
    start(exchange)
    figure("start to Ready on loopback", f"{(time.monotonic() - began) * 1000:.0f} ms")
    names = sorted(thread.name for thread in set(threading.enumerate()) - before)
    rooms = [name for name in names if not name.startswith("rest-worker")]
    assert len(rooms) == 9, names
    assert len(names) - len(rooms) <= 4  # one that has answered may not wait for work yet
    figure("threads of an idle connector", ", ".join(names))


def test_two_connectors_share_what_they_send_to_one_host(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Weight that one has used counts for the other."""
    one, other = start(exchange), start(exchange)
    one.proxy().order_book("BTCUSDT", 5000).get(timeout=5)
    assert ask(other, GetHealth()).weight_used == ask(one, GetHealth()).weight_used >= 300


def test_asyncio(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """`to_asyncio` leaves the event loop free, and raises what the request raises."""
    import asyncio

    connector = start(exchange).proxy()

    async def main() -> None:
        exchange.delay("/api/v3/time", 0.2, count=1)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        ticking = asyncio.create_task(tick())
        time_ = await to_asyncio(connector.server_time())
        assert isinstance(time_, ServerTime)
        assert ticks > 5
        ticking.cancel()
        with pytest.raises(ExchangeError):
            await to_asyncio(connector.order_book("NOPE"))

    asyncio.run(main())


class Bot(pykka.ThreadingActor):
    """A bot as a user writes it."""

    def __init__(self, seen: Probe) -> None:
        super().__init__()
        self._seen = seen

    def on_receive(self, message: Any) -> None:
        self._seen.tell(message)
        if message == "die":
            raise RuntimeError("the bot's own bug")


def test_an_actor_subscribes_by_tell_and_leaves_by_dying(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """Events and answers arrive in `on_receive`; the dead leave by themselves."""
    ref, seen = start(exchange), Probe()
    bot = Bot.start(seen)
    ref.tell(SubscribeTrades("btcusdt", bot, reply_to=bot, request_id=1))
    seen.wait(4)
    replied = next(m for m in seen.messages if isinstance(m, Replied))
    assert isinstance(replied.reply, Subscription)
    assert replied.reply.symbol == "BTCUSDT"
    assert any(isinstance(m, Trade) for m in seen.messages)
    bot.tell("die")
    assert bot.actor_stopped.wait(5)
    assert exchange.wait_until(lambda e: not e.streams)
    assert ask(ref, GetHealth()).subscribers == 0


def test_unsubscribing_is_final_and_repeatable(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Nothing is delivered after it returns; the last of several subscribers ends the stream."""
    ref = start(exchange)
    connector, first, second = ref.proxy(), record(), record()
    one = connector.subscribe_trades("BTCUSDT", first).get(timeout=5)
    two = connector.subscribe_trades("BTCUSDT", second).get(timeout=5)
    first.wait_for(Trade)
    one.unsubscribe()
    count = len(first.events)
    seen = len(second.of(Trade))
    second.wait_for(Trade, seen + 3)
    assert len(first.events) == count
    assert exchange.streams == {"btcusdt@trade"}
    one.unsubscribe()
    ask(ref, Unsubscribe(two.subscription_id))
    assert exchange.wait_until(lambda e: not e.streams)
    three = connector.subscribe_trades("BTCUSDT", first).get(timeout=5)
    first.wait_for(Trade, count + 1)
    ref.stop(timeout=5)
    three.unsubscribe()


def test_unsubscribing_from_its_own_callback(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """It returns at once, and the callback is not called again."""
    connector = start(exchange).proxy()
    calls: list[float] = []
    done = threading.Event()
    subscription: list[Subscription] = []
    given = threading.Event()

    def callback(trade: Trade) -> None:
        given.wait(5)
        began = time.monotonic()
        subscription[0].unsubscribe()
        connector.unsubscribe(subscription[0]).get(timeout=5)
        calls.append(time.monotonic() - began)
        done.set()

    subscription.append(connector.subscribe_trades("BTCUSDT", callback).get(timeout=5))
    given.set()
    assert done.wait(5)
    assert exchange.wait_until(lambda e: not e.streams)
    assert len(calls) == 1
    assert calls[0] < 1


def test_an_unlisted_symbol_is_refused(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """The exchange would acknowledge it and stay silent."""
    connector = start(exchange).proxy()
    with pytest.raises(ValidationError) as caught:
        connector.subscribe_trades("NOPE", print).get(timeout=5)
    assert caught.value.field == "symbol"
    assert caught.value.value == "NOPE"


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("symbol", {"symbol": "btc usdt"}),
        ("symbol", {"symbol": ""}),
        ("symbol", {"symbol": 7}),
        ("depth", {"depth": 5001}),
        ("depth", {"depth": 0}),
        ("depth", {"depth": "5"}),
        ("max_pending", {"max_pending": 0}),
        ("max_pending", {"max_pending": True}),
        ("overflow", {"overflow": "sometimes"}),
        ("subscriber", {"subscriber": "nobody"}),
    ],
)
def test_a_wrong_argument_is_named(
    field: str,
    arguments: dict[str, Any],
    exchange: SimulatedExchange,
    start: Callable[..., Any],
) -> None:
    """The error names the field."""
    connector = start(exchange).proxy()
    given = {"symbol": "BTCUSDT", "subscriber": print} | arguments
    with pytest.raises(ValidationError) as caught:
        connector.subscribe_order_book(**given).get(timeout=5)
    assert caught.value.field == field
