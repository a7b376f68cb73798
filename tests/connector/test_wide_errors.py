"""What is wider than Exception, out of anything of a user's: it harms nothing.

In Pykka a `SystemExit` out of an actor stops every actor of the process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest

from exchange_connector import (
    ActorRestarted,
    ConnectorError,
    ErrorOccurred,
    GetHealth,
    GetOrderBook,
    GetServerTime,
    Handlers,
    HealthState,
    Ping,
    SubscribeKlines,
    SubscriberActor,
    SubscribeTrades,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange


class OwnError(BaseException):
    """A user's own, wider than Exception, that cannot even be printed."""

    def __str__(self) -> str:
        raise self

    __repr__ = __str__


WIDE: dict[str, BaseException] = {
    "SystemExit": SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "one's own": OwnError(),
}
KINDS = ["callable", "callable batch", "inline", "inline batch"]


@pytest.fixture(params=WIDE)
def wide(request: pytest.FixtureRequest) -> BaseException:
    """An error wider than Exception."""
    return WIDE[request.param]


@pytest.fixture
def bystander() -> Iterator[pykka.ActorRef[Any]]:
    """An actor of the host's, which nothing of this concerns."""
    ref = pykka.ThreadingActor.start()
    yield ref
    assert ref.is_alive()
    ref.stop(timeout=5)


@pytest.fixture
def unharmed(record: Callable[[], Any]) -> Callable[[Any], Callable[[], None]]:
    """Follows a connector; what comes back checks that it goes on, and no part was lost."""

    def follow(ref: Any) -> Callable[[], None]:
        life, trades = record(), record()
        ref.proxy().subscribe_events(life).get(timeout=5)
        ref.proxy().subscribe_trades("ETHUSDT", trades).get(timeout=5)

        def check() -> None:
            seen = len(trades.of(Trade))
            trades.wait_for(Trade, seen + 2)
            assert ref.proxy().server_time().get(timeout=5)
            health = ask(ref, GetHealth())
            assert health.state is HealthState.LIVE
            assert health.restarts == ()
            assert life.of(ActorRestarted) == []

        return check

    return follow


@pytest.mark.parametrize("name", KINDS)
def test_out_of_a_subscriber(
    name: str,
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    kind: Any,
    unharmed: Any,
    record: Callable[[], Any],
    bystander: pykka.ActorRef[Any],
) -> None:
    """It keeps receiving, and is told."""
    ref, life = start(exchange), record()
    check = unharmed(ref)
    ref.proxy().subscribe_events(life).get(timeout=5)
    seen = record()

    def take(event: Any) -> None:
        seen(event)
        raise wide

    subscriber, more = kind(name, take)
    ref.proxy().subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    seen.wait_for(Trade, 3)
    told = life.wait_for(ErrorOccurred, 2)
    assert type(wide).__name__ in told[0].error.reason
    check()


def test_out_of_a_handler(
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
) -> None:
    """Also out of the one that hears of errors, which is not told of its own."""
    ref, seen, errors = start(exchange), record(), record()
    check = unharmed(ref)

    def take(event: Any) -> None:
        seen(event)
        raise wide

    def hear(event: Any) -> None:
        errors(event)
        raise wide

    ref.proxy().set_handlers(Handlers(on_trade=take, on_error=hear)).get(timeout=5)
    ref.proxy().subscribe_trades("BTCUSDT").get(timeout=5)
    seen.wait_for(Trade, 3)
    errors.wait_for(ErrorOccurred, 2)
    check()


class Bot(SubscriberActor):
    """Raises in the hook that it is told."""

    def __init__(self, hook: str, error: BaseException, came: Callable[[Any], object]) -> None:
        super().__init__()
        self._hook, self._error, self._came = hook, error, came

    def _raise_in(self, hook: str) -> None:
        if hook == self._hook:
            self._came(hook)
            raise self._error

    def on_start(self) -> None:
        """The first hook."""
        self._raise_in("on_start")

    def on_event(self, event: Any) -> None:
        """The one for events."""
        self._raise_in("on_event")

    def on_receive(self, message: Any) -> None:
        """The one for other messages."""
        self._raise_in("on_receive")

    def on_stop(self) -> None:
        """The last."""
        self._raise_in("on_stop")


@pytest.mark.parametrize("hook", ["on_start", "on_event", "on_receive", "ask", "on_stop"])
def test_out_of_an_actor_that_gets_events(
    hook: str,
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
    bystander: pykka.ActorRef[Any],
) -> None:
    """It ends (or, asked, answers with it), and that is all."""
    ref, came = start(exchange), record()
    check = unharmed(ref)
    bot = Bot.start("on_receive" if hook == "ask" else hook, wide, came)
    if hook != "on_start":
        ref.proxy().subscribe_trades("BTCUSDT", bot).get(timeout=5)
    if hook == "on_receive":
        bot.tell("x")
    elif hook == "ask":
        with pytest.raises(Exception, match=type(wide).__name__):
            bot.ask("x", timeout=5)
        assert bot.is_alive()
        bot.stop(timeout=5)
    elif hook == "on_stop":
        bot.stop(block=False)
    came.wait(bool)
    assert bot.actor_stopped.wait(5)
    check()
    assert exchange.wait_until(lambda e: "btcusdt@trade" not in e.streams)
    with pytest.raises(pykka.ActorDeadError):
        bot.ask("x", timeout=5)
    assert pykka.ActorRegistry.get_by_class(Bot) == []


class Deaf:
    """An address that raises when told."""

    def __init__(self, error: BaseException, came: Callable[[Any], object]) -> None:
        self._error, self._came = error, came

    def tell(self, message: Any, /) -> None:
        self._came(message)
        raise self._error


def test_out_of_an_address_for_answers(
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
) -> None:
    """Whoever answers, and with whatever: a room, the root, a success, a refusal."""
    ref, came = start(exchange), record()
    check = unharmed(ref)
    deaf: Any = Deaf(wide, came)
    ref.tell(GetServerTime(reply_to=deaf))
    ref.tell(GetHealth(reply_to=deaf))
    ref.tell(GetOrderBook("NOPE", reply_to=deaf))
    ref.tell(SubscribeTrades("BTCUSDT", ignore, reply_to=deaf))
    ref.tell(SubscribeTrades("NOPE", ignore, reply_to=deaf))
    came.wait(lambda messages: len(messages) == 5)
    check()


def ignore(event: Any) -> None:
    """Take an event, and do nothing."""


def hostile(error: BaseException) -> Any:
    """An object all of whose methods raise."""

    def fail(self: Any, *args: Any) -> Any:
        raise error

    names = ("__repr__", "__str__", "__eq__", "__ne__", "__hash__", "__bool__", "__len__")
    return type("Hostile", (), dict.fromkeys((*names, "__iter__", "__getattr__"), fail))()


def test_out_of_the_methods_of_an_object(
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
    bystander: pykka.ActorRef[Any],
) -> None:
    """In any field of a request, asked or told, and as a message: a typed error, and no more."""
    ref = start(exchange)
    check = unharmed(ref)
    bad = hostile(wide)
    requests: list[Any] = [
        bad,
        GetOrderBook(bad),
        GetOrderBook("BTCUSDT", bad),
        SubscribeTrades(bad, ignore),
        SubscribeTrades("BTCUSDT", bad),
        SubscribeTrades("BTCUSDT", ignore, bad),
        SubscribeTrades("BTCUSDT", ignore, 10, bad),
        SubscribeTrades("BTCUSDT", ignore, 10, None, bad),
        SubscribeTrades("BTCUSDT", ignore, 10, None, False, bad),
        SubscribeKlines("BTCUSDT", bad, ignore),
    ]
    for request in requests:
        with pytest.raises(ConnectorError):
            ref.ask(request, timeout=5)
        ref.tell(request)
    ref.tell(Ping(reply_to=bad))
    for method in (ref.proxy().unsubscribe, ref.proxy().set_handlers, ref.proxy().order_book):
        with pytest.raises(ConnectorError):
            method(bad).get(timeout=5)
    answered = record()
    answered.tell = answered
    ref.tell(Ping(reply_to=answered, request_id=bad))
    answered.wait(bool)
    check()


def test_a_subscriber_whose_methods_raise_gets_events(
    wide: BaseException,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
) -> None:
    """Nothing is asked of it but to be called."""
    ref, seen = start(exchange), record()
    check = unharmed(ref)
    bad: Any = type(hostile(wide))

    def take(self: Any, event: Any) -> None:
        seen(event)

    bad.__call__ = bad.take = take
    one = bad()
    for subscriber in (one, object.__getattribute__(one, "take")):
        subscription = ref.proxy().subscribe_trades("BTCUSDT", subscriber).get(timeout=5)
        count = len(seen.events)
        seen.wait_for(object, count + 2)
        subscription.unsubscribe()
    check()


class Raising(logging.Handler):
    """A handler of the host's that raises for every record of any logger."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(logging.DEBUG)
        self.error = error
        self.count = 0
        self.addFilter(self._raise)

    def _raise(self, record: logging.LogRecord) -> bool:
        if "exchange_connector" in record.name or "pykka" in record.name:
            self.count += 1
            raise self.error
        return False


@pytest.fixture(params=[*WIDE, "Exception"])
def raising(request: pytest.FixtureRequest) -> Iterator[Raising]:
    """Installed; loggers are as before afterwards."""
    handler = Raising(WIDE.get(request.param, ValueError("mine")))
    loggers = [logging.getLogger("exchange_connector"), logging.getLogger("pykka")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
    yield handler
    for logger, level in zip(loggers, before, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_out_of_a_handler_of_the_log(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    unharmed: Any,
    record: Callable[[], Any],
    configured: Callable[..., Any],
    raising: Raising,
) -> None:
    """Of ours or of Pykka's: a connector lives and stops as if nobody logged."""
    logging.getLogger("pykka").removeHandler(raising)
    ref = start(exchange)  # Pykka's own `start()` logs on the caller's thread
    logging.getLogger("pykka").addHandler(raising)
    check, seen, life = unharmed(ref), record(), record()
    ref.proxy().subscribe_events(life).get(timeout=5)

    def take(event: Any) -> None:
        seen(event)
        raise ValueError("mine")

    ref.proxy().subscribe_trades("BTCUSDT", take).get(timeout=5)
    ref.proxy().subscribe_trades("BTCUSDT", take, delivery="thread").get(timeout=5)
    seen.wait_for(Trade, 5)
    with pytest.raises(ConnectorError):
        ref.ask(object(), timeout=5)
    ref.tell(object())
    exchange.cut()
    life.wait(lambda events: any(type(event).__name__ == "Ready" for event in events))
    check()
    assert raising.count > 5
    assert ref.stop(timeout=5) is True
    life.wait(lambda events: type(events[-1]).__name__ == "Stopped")
