"""Requests made of the wrong things: the asker gets the error, and no part is harmed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from exchange_connector import (
    ActorRestarted,
    ConnectorError,
    GetBalances,
    GetExchangeInfo,
    GetHealth,
    GetOrderBook,
    GetServerTime,
    HealthState,
    SetHandlers,
    SubscribeBookTicker,
    SubscribeEvents,
    SubscribeKlines,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
    SyncClock,
    Unsubscribe,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

WRONG: list[Any] = [None, 7, -1, 1.5, True, b"x", [], {}, object(), "", " ", "x" * 10_000, "a&b=c",
                    "\x00", "\u0661", float("nan")]  # fmt: skip


KINDS: tuple[Any, ...] = (
    SubscribeTicker,
    SubscribeTrades,
    SubscribeBookTicker,
    SubscribeOrderBookUpdates,
)


def requests() -> list[Any]:
    """Every request, with each of its fields wrong in every way."""
    made: list[Any] = []
    for wrong in WRONG:
        made += [
            GetOrderBook(wrong),
            GetOrderBook("BTCUSDT", wrong),
            GetExchangeInfo(wrong),
            GetExchangeInfo((wrong,)),
            Unsubscribe(wrong),
            SetHandlers(wrong),
            SubscribeEvents(wrong),
            SubscribeKlines("BTCUSDT", wrong, print),
            SubscribeOrderBook("BTCUSDT", print, wrong),
        ]
        for kind in KINDS:
            made += [kind(wrong, print), kind("BTCUSDT", print, wrong)]
            if wrong is not None:  # None is as good as not given
                made += [kind("BTCUSDT", wrong), kind("BTCUSDT", print, 10, wrong)]
    return made


def outcome(future: pykka.Future[Any]) -> ConnectorError | None:
    """The typed error that a request ended with, if it did."""
    try:
        future.get(timeout=20)
    except ConnectorError as error:
        return error
    return None


def test_wrong_fields_are_refused_and_harm_nothing(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Each is answered with a typed error, or, where the exchange judges it, with its refusal."""
    ref = start(exchange, rate_limit={"enabled": False}, circuit_breaker={"enabled": False})
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    harmless = (SubscribeOrderBook, Unsubscribe, GetOrderBook, GetExchangeInfo, SubscribeTrades, SubscribeTicker,
                SubscribeBookTicker, SubscribeOrderBookUpdates)  # fmt: skip
    futures = [(request, ref.ask(request, block=False)) for request in requests()]
    for request, future in futures:
        error = outcome(future)
        assert error is not None or isinstance(request, harmless), request
        assert error is None or error.exchange == "binance", request
    for request in requests():
        ref.tell(request)
    life.wait(lambda events: ask(ref, GetHealth()).state is HealthState.LIVE)
    assert ref.proxy().server_time().get(timeout=10)
    assert life.of(ActorRestarted) == []


class Deaf:
    """An address that raises when told."""

    def tell(self, message: Any, /) -> None:
        raise RuntimeError("deaf")


def test_an_address_that_fails_harms_nothing(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Neither one that raises, nor one that is none, nor a dead actor."""
    ref = start(exchange)
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    dead = pykka.ThreadingActor.start()
    dead.stop()
    addresses: list[Any] = [Deaf(), object(), 7, dead]
    messages = (GetServerTime, GetHealth, GetBalances, SyncClock)
    for address, message in itertools.product(addresses, messages):
        ref.tell(message(reply_to=address))
    ref.tell(SubscribeTrades("BTCUSDT", print, reply_to=addresses[1]))
    ref.tell(Unsubscribe("nobody's", reply_to=addresses[1]))
    assert ref.proxy().balances().get(timeout=5)
    assert ask(ref, GetHealth()).state is HealthState.LIVE
    assert life.of(ActorRestarted) == []


def test_events_need_a_subscriber(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """The handlers hear of the connector's life anyway."""
    connector = start(exchange).proxy()
    with pytest.raises(ValidationError) as caught:
        connector.subscribe_events(None).get(timeout=5)
    assert caught.value.field == "subscriber"
    with pytest.raises(ValidationError) as caught:
        connector.set_handlers(print).get(timeout=5)
    assert caught.value.field == "handlers"
