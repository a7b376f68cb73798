"""Tickers that say only what has changed: whatever happens, each is one that the exchange had."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector import Config, ConnectorActor, HealthChanged, HealthState, Ticker
from exchange_connector.actors.registry import RegistryActor
from exchange_connector.core import staleness
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.faults import Lose

SYMBOLS = tuple(f"A{number}USDT" for number in range(20))
PATIENCE = 10.0
FIELDS = {
    "lastPrice": "last_price",
    "bid1Price": "bid_price",
    "bid1Size": "bid_quantity",
    "ask1Price": "ask_price",
    "ask1Size": "ask_quantity",
    "highPrice24h": "high_price",
    "lowPrice24h": "low_price",
    "volume24h": "volume",
}


class Poison(msgspec.Struct, frozen=True):
    """What makes a room die."""


class Poisonable(ConnectorActor):
    """A connector whose rooms can be poisoned, by their names."""

    def on_receive(self, message: Any) -> Any:
        """Pass a poison on."""
        if isinstance(message, tuple):
            self._offices.of(message[0]).tell(Poison())
            return None
        return super().on_receive(message)


@pytest.fixture
def market() -> Iterator[SimulatedExchange]:
    """Contracts whose tickers change ten times a second."""
    with SimulatedExchange(
        exchange="bybit", symbols=SYMBOLS, rate=10.0, keep_published=2_000
    ) as exchange:
        yield exchange


@pytest.fixture
def connector(market: SimulatedExchange, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connector on it, quick to reconnect and to suspect."""
    receive = RegistryActor.receive

    def dies(self: RegistryActor, message: Any) -> None:
        if message == Poison():
            raise RuntimeError("poisoned")
        receive(self, message)

    monkeypatch.setattr(RegistryActor, "receive", dies)
    config = (
        Config.builder()
        .exchange("bybit", rest_url=market.rest_url, stream_url=market.stream_url, market="linear")
        .connection(timeout=3.0, reconnect_delay=0.02, max_reconnect_wait=0.2, stop_timeout=5.0)
        .health(suspect_after=1.0, stale_after=2.0)
        .build()
    )
    ref = Poisonable.start(config)
    ref.proxy().ready().get(timeout=PATIENCE)
    yield ref
    ref.stop(timeout=PATIENCE)


def tickers(market: SimulatedExchange, symbol: str) -> dict[int, dict[str, str]]:
    """The whole of each ticker that was published, by its time (ms)."""
    known: dict[str, str] = {}
    states: dict[int, dict[str, str]] = {}
    for each in market.published(f"linear/tickers.{symbol}"):
        content = json.loads(each.payload)
        known = known | content["data"]
        states[content["ts"]] = known
    return states


def no_whole(market: SimulatedExchange, symbol: str) -> Any:
    """The whole of a ticker is lost, as often as it is sent."""
    return market.fault(Lose(stream=f"*tickers.{symbol}", containing="snapshot", count=None))


def check(market: SimulatedExchange, symbol: str, events: list[Any]) -> None:
    """Each is as it was published, as far as that says everything."""
    states = tickers(market, symbol)
    checked = 0
    for event in events:
        if isinstance(event, Ticker) and (state := states.get(event.event_time // 1_000_000)):
            shown = {name: getattr(event, field) for name, field in FIELDS.items()}
            for name, value in shown.items():
                if name in state:
                    assert value == Decimal(state[name]), (name, event)
                    checked += 1
    assert checked


def test_a_registry_that_is_new_loses_no_ticker(
    market: SimulatedExchange, connector: Any, record: Callable[[], Any]
) -> None:
    """The streams go on, and what is known of them is known still: none is begun anew."""
    recorders = {symbol: record() for symbol in SYMBOLS}
    for symbol, recorder in recorders.items():
        connector.proxy().subscribe_ticker(symbol, recorder).get(timeout=PATIENCE)
    for recorder in recorders.values():
        recorder.wait_for(Ticker, 3)
    connector.tell(("registry", None))
    for symbol, recorder in recorders.items():
        seen = len(recorder.events)
        recorder.wait(lambda events, seen=seen: len(events) > seen + 5)
        assert recorder.gaps == []
        times = [event.event_time // 1_000_000 for event in recorder.of(Ticker)]
        published = [at for at in tickers(market, symbol) if times[0] < at <= times[-1]]
        assert times[1:] == published
    assert [each.method for each in market.controls].count("unsubscribe") == 0


def test_a_whole_that_is_lost_is_not_replaced_by_an_old_one(
    market: SimulatedExchange, connector: Any, record: Callable[[], Any]
) -> None:
    """After a cut changes do not adjoin what was known before it; the whole is asked for again."""
    recorder, symbol = record(), SYMBOLS[0]
    connector.proxy().subscribe_ticker(symbol, recorder).get(timeout=PATIENCE)
    recorder.wait_for(Ticker, 5)
    with no_whole(market, symbol):
        market.refuse_upgrades(count=8)
        market.cut()
        assert market.wait_until(lambda exchange: bool(exchange.lost))
    seen = len(recorder.events)
    recorder.wait(lambda events: len(events) > seen + 10, 20)
    check(market, symbol, recorder.events)


def test_a_ticker_of_which_the_whole_never_comes_is_not_live(
    market: SimulatedExchange,
    connector: Any,
    record: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Changes come, but nothing can be made of them: that is silence."""
    monkeypatch.setattr(staleness, "_ANSWER", 1.0)
    recorder, life, symbol = record(), record(), SYMBOLS[0]
    connector.proxy().subscribe_events(life).get(timeout=PATIENCE)
    connector.proxy().subscribe_ticker(symbol, recorder).get(timeout=PATIENCE)
    recorder.wait_for(Ticker, 5)

    def becomes(state: HealthState) -> None:
        subject = f"ticker:{symbol}"

        def has(events: list[Any]) -> bool:
            changes = [e for e in events if isinstance(e, HealthChanged) and e.subject == subject]
            return bool(changes) and changes[-1].state == state

        life.wait(has, 20)

    with no_whole(market, symbol):
        market.cut()
        becomes(HealthState.STALE)
    seen = len(recorder.events)
    recorder.wait(lambda events: len(events) > seen + 3, 20)
    becomes(HealthState.LIVE)
