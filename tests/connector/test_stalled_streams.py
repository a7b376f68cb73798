"""Streams that fall silent though the connection is up: proved, told, and only then repaired."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    ActorRestarted,
    BookTicker,
    Disconnected,
    GetHealth,
    HealthChanged,
    HealthState,
    Kline,
    SessionReplaced,
    StreamGap,
    Ticker,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

QUICK = {"suspect_after": 1.0, "stale_after": 4.0}
CHANNELS = ("trades", "book_ticker", "order_book_updates", "ticker", "order_book")


def states(life: Any, subject: str) -> list[str]:
    """What was told of it, in order, without repetitions."""
    told: list[str] = []
    for event in life.of(HealthChanged):
        if event.subject == subject and told[-1:] != [event.state]:
            told.append(event.state)
    return told


@pytest.fixture
def lively() -> Any:
    """An exchange with much to say."""
    with SimulatedExchange(symbols=("BTCUSDT", "ETHUSDT"), rate=50.0) as exchange:
        yield exchange


def goes_on(exchange: SimulatedExchange, seconds: float) -> None:
    """The market goes on for so long, whether or not anybody hears of it."""
    begun = exchange.trades("BTCUSDT")[-1].time_us
    assert exchange.wait_until(
        lambda e: e.trades("BTCUSDT")[-1].time_us - begun >= seconds * 1e6, timeout=30
    )


def everything(connector: Any, record: Callable[[], Any]) -> dict[str, Any]:
    recorders = {channel: record() for channel in CHANNELS}
    for channel, recorder in recorders.items():
        getattr(connector, f"subscribe_{channel}")("BTCUSDT", recorder).get(timeout=10)
    recorders["ticker"].wait_for(Ticker, 2)
    return recorders


def test_stalled_data_with_pings_answered(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Suspected, proved by REST, told, then the session is replaced; live again with the data."""
    ref = start(lively, health=QUICK)
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything(connector, record)
    lively.stall()
    for channel in CHANNELS:
        (gap,) = recorders[channel].wait_for(StreamGap)
        assert gap.reason == "stalled"
        subject = f"{channel}:BTCUSDT"  # told on another thread than the gap
        life.wait(lambda _, subject=subject: "STALE" in states(life, subject))
        (stale,) = (
            event
            for event in life.of(HealthChanged)
            if (event.subject, event.state) == (subject, HealthState.STALE)
        )
        assert "no data" in stale.cause
    life.wait_for(SessionReplaced)
    kinds = [type(event) for event in life.events]
    told = next(i for i, e in enumerate(life.events) if getattr(e, "state", "") == "STALE")
    assert told < kinds.index(SessionReplaced)  # before the repair
    assert ask(ref, GetHealth()).state is HealthState.STALE
    lively.resume()
    for channel in CHANNELS:
        recorders[channel].wait(lambda events: not isinstance(events[-1], StreamGap))
        life.wait(lambda _, channel=channel: states(life, f"{channel}:BTCUSDT")[-1] == "LIVE")
        passed = states(life, f"{channel}:BTCUSDT")
        assert passed.index("STALE") == len(passed) - 2 or channel == "order_book"
    assert life.of(Disconnected) == []
    for channel in ("trades", "book_ticker", "order_book_updates", "ticker"):
        assert recorders[channel].gaps == ["stalled"]


def test_a_subscription_that_the_exchange_has_forgotten(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """It is missing in the exchange's list: told, subscribed to anew; no other stream is touched."""
    connector, life = start(lively, health=QUICK).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything(connector, record)
    assert lively.forget("*@trade") == 1
    recorders["trades"].wait(lambda events: isinstance(events[-1], StreamGap))
    recorders["trades"].wait(lambda events: isinstance(events[-1], Trade))
    assert recorders["trades"].gaps == ["stalled"]
    life.wait(lambda _: states(life, "trades:BTCUSDT")[-1] == "LIVE")
    stale = [e for e in life.of(HealthChanged) if e.state is HealthState.STALE]
    assert "does not list it" in stale[0].cause
    assert lively.dials == 1
    for channel in CHANNELS[1:]:
        assert recorders[channel].of(StreamGap) == []
        assert "STALE" not in states(life, f"{channel}:BTCUSDT")


def test_a_stall_behind_rollovers(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Each new connection carries the silence on: it is found however often there is another."""
    connector, life = start(lively, health=QUICK).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything(connector, record)
    lively.stall()
    for turn in range(1, 9):  # faster than a silence that begins anew could be suspected
        connector.roll_over().get(timeout=10)
        life.wait_for(SessionReplaced, turn)
        goes_on(lively, 0.7)
    lively.resume()
    for channel in CHANNELS:
        recorders[channel].wait(lambda events: not isinstance(events[-1], StreamGap))
        gaps = recorders[channel].gaps  # a book that came back from a snapshot meanwhile has more
        assert (gaps[:1] if channel == "order_book" else gaps) == ["stalled"]


def test_a_stall_behind_a_new_registry(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """How long a stream has been silent outlives the room that watches it."""
    ref = start(lively, health={"suspect_after": 2.0, "stale_after": 6.0})
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything(connector, record)
    lively.stall()
    goes_on(lively, 1.5)
    ref._actor_weakref()._children["registry"].ref.stop(block=False)
    life.wait_for(ActorRestarted)
    restarted = time.monotonic()
    life.wait(lambda _: "SUSPECT" in states(life, "ticker:BTCUSDT"))
    assert time.monotonic() - restarted < 1.9  # of the 2 s since its last data, some have passed
    recorders["ticker"].wait_for(StreamGap)
    lively.resume()
    recorders["ticker"].wait(lambda events: isinstance(events[-1], Ticker))


def test_a_forgotten_stream_behind_a_rollover(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """What the old connection did not carry any more is missing, though the new one carries it."""
    connector, life = start(lively).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    recorders = everything(connector, record)
    assert lively.forget("*@ticker") == 1
    seen = len(recorders["ticker"].of(Ticker))
    goes_on(lively, 2.1)  # two tickers at least
    connector.roll_over().get(timeout=10)
    recorders["ticker"].wait_for(Ticker, seen + 2)
    assert recorders["ticker"].gaps == ["disconnected"]
    for channel in ("trades", "book_ticker", "order_book_updates"):
        assert recorders[channel].gaps == []


def test_a_market_where_nothing_happens_is_not_stale(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The exchange has nothing to say, by whatever way: asked about, and left alone."""
    with SimulatedExchange(symbols=("BTCUSDT",), rate=0.02) as exchange:
        connector, life, seen = start(exchange, health=QUICK).proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        for channel in CHANNELS:
            getattr(connector, f"subscribe_{channel}")("BTCUSDT", seen).get(timeout=10)
        for path in ("/api/v3/ticker/24hr", "/api/v3/depth"):

            def asked_twice(exchange: SimulatedExchange, path: str = path) -> bool:
                return [request.path for request in exchange.requests].count(path) >= 2

            assert exchange.wait_until(asked_twice, timeout=30)
        assert all(event.state is not HealthState.STALE for event in life.of(HealthChanged))
        assert seen.of(StreamGap) == []
        assert life.of(SessionReplaced) == []
        assert exchange.dials == 1


def test_an_exchange_that_does_not_answer_either(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Without proof, what has to tick is stale in the end."""
    health = {"suspect_after": 3.0, "stale_after": 6.0}
    connector, life = start(lively, health=health).proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    klines, tickers = record(), record()
    connector.subscribe_klines("BTCUSDT", "1m", klines).get(timeout=5)
    connector.subscribe_book_ticker("BTCUSDT", tickers).get(timeout=5)
    klines.wait_for(Kline)
    tickers.wait_for(BookTicker, 20)
    lively.delay("/api/v3/*", seconds=20)
    lively.stall()
    for recorder, subject in ((klines, "klines:BTCUSDT"), (tickers, "book_ticker:BTCUSDT")):
        recorder.wait(lambda events: isinstance(events[-1], StreamGap), seconds=15)
        life.wait(lambda _, subject=subject: states(life, subject)[-1] == "STALE")
    causes = {e.cause for e in life.of(HealthChanged) if e.state is HealthState.STALE}
    assert any("nor an answer" in cause for cause in causes)
    lively.clear_faults()
    klines.wait(lambda events: isinstance(events[-1], Kline))


def test_a_frozen_peer_is_found_by_its_silence(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Not a byte for a while: the session is suspected and pinged at once, not at its next turn."""
    tables = {"health": QUICK | {"pong_timeout": 4.0}, "connection": {"ping_interval": 60.0}}
    connector, life, trades = start(lively, **tables).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade)
    lively.freeze()
    life.wait_for(Disconnected)
    assert states(life, "session-0")[:2] == ["SUSPECT", "DOWN"]
    (gap,) = trades.wait_for(StreamGap)
    assert gap.reason == "disconnected"
    lively.thaw()
    trades.wait(lambda events: isinstance(events[-1], Trade))


def test_a_session_that_announces_nothing_and_lists_nothing(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Its list is owed: a connection that does not answer is given up."""
    connector, trades = start(lively, health=QUICK).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade, 20)
    lively.ignore_controls("LIST_SUBSCRIPTIONS", count=1)
    lively.forget("*@trade")
    trades.wait(lambda events: isinstance(events[-1], StreamGap))
    trades.wait(lambda events: isinstance(events[-1], Trade), seconds=15)
    assert lively.dials == 2


def test_many_silent_streams_cost_few_questions(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """One proof is enough for all streams of a session."""
    symbols = tuple(f"S{number}USDT" for number in range(40))
    with SimulatedExchange(symbols=symbols, rate=20.0) as exchange:
        health = {"suspect_after": 4.0, "stale_after": 8.0}
        connector, life, seen = start(exchange, health=health).proxy(), record(), record()
        connector.subscribe_events(life).get(timeout=5)
        futures = [connector.subscribe_book_ticker(symbol, seen) for symbol in symbols]
        for future in futures:
            future.get(timeout=10)
        seen.wait(lambda events: len({event.symbol for event in events}) == len(symbols))
        seen.wait(lambda events: len(events) > 100 * len(symbols), seconds=20)
        asked = len(exchange.requests)
        exchange.stall()
        seen.wait(lambda events: sum(isinstance(e, StreamGap) for e in events) == len(symbols))
        life.wait_for(SessionReplaced)
        assert len(exchange.requests) - asked <= 8
        exchange.resume()
        seen.wait(lambda events: not isinstance(events[-1], StreamGap))


def test_a_stall_that_ends_is_over_for_the_connector(
    lively: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any], until: Any
) -> None:
    """What `health()` says is what it says of everything else."""
    ref = start(lively, health=QUICK)
    everything(ref.proxy(), record)
    lively.stall()
    health = until(ref, lambda health: health.state is HealthState.STALE)
    assert {part.state for part in health.streams.values()} <= {"STALE", "SUSPECT", "LIVE"}
    lively.resume()
    health = until(ref, lambda health: health.state is HealthState.LIVE)
    assert {part.state for part in health.streams.values()} == {"LIVE"}
