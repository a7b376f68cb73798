"""What was missed, fetched afterwards: each id once and in order, or told as missing, and in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector import (
    ConnectorActor,
    Disconnected,
    GetHealth,
    HealthState,
    Kline,
    Side,
    StreamGap,
    SubscriberLagged,
    Trade,
    ask,
)
from exchange_connector.actors.feeds.recovering import RecoveringMailbox
from exchange_connector.simulator import SimulatedExchange

KINDS = ("callable", "inline", "batch", "inline batch", "actor", "subscriber actor")
Kind = Callable[[str, Callable[[Any], object]], tuple[Any, dict[str, Any]]]
PAST = "/api/v3/historicalTrades"
STREAM = "btcusdt@trade"


@pytest.fixture
def busy() -> Iterator[SimulatedExchange]:
    """An exchange with two hundred trades a second of each symbol."""
    with SimulatedExchange(rate=200.0) as exchange:
        yield exchange


class Losing(ConnectorActor):
    """A connector whose rooms can be lost."""

    def on_receive(self, message: Any) -> Any:
        """Stop the room of that name."""
        if isinstance(message, str):
            self._children[message].ref.stop(block=False)  # type: ignore[union-attr]
            return None
        return super().on_receive(message)


def ids(events: list[Any]) -> list[int]:
    """The ids of the trades among them."""
    return [int(event.trade_id) for event in events if isinstance(event, Trade)]


def recovered(events: list[Any]) -> list[int]:
    """The ids of those that were fetched."""
    return [int(event.trade_id) for event in events if getattr(event, "recovered", False)]


def check_complete(exchange: SimulatedExchange, events: list[Any]) -> None:
    """Every trade from the first one to the last, once, in order, and as it really was."""
    mine = [event for event in events if isinstance(event, Trade)]
    first, last = int(mine[0].trade_id), int(mine[-1].trade_id)
    assert ids(mine) == list(range(first, last + 1))
    truth = {trade.trade_id: trade for trade in exchange.trades("BTCUSDT")}
    for trade in mine:
        true = truth[int(trade.trade_id)]
        assert trade.price == Decimal(true.price).scaleb(-8)
        assert trade.quantity == Decimal(true.quantity).scaleb(-8)
        assert trade.taker_side is (Side.SELL if true.buyer_is_maker else Side.BUY)
        assert trade.trade_time == true.time_us // 1000 * 1_000_000
        if trade.recovered:
            assert trade.event_time == trade.trade_time


def check_told(events: list[Any]) -> list[tuple[str, int | None, int | None]]:
    """Every id is delivered or in a gap, once and in order; the gaps."""
    following: int | None = None
    for event in events:
        if isinstance(event, StreamGap):
            if event.reason == "unrecovered":
                assert following is not None
                assert event.first_missed_id == following
                assert event.last_missed_id is not None
                assert event.missed == event.last_missed_id + 1 - following
                following = event.last_missed_id + 1
            else:
                known = None if event.reason == "rejected" else following
                assert event.first_missed_id == known
        elif isinstance(event, Trade):
            assert following in (None, int(event.trade_id))
            following = int(event.trade_id) + 1
    gaps = [event for event in events if isinstance(event, StreamGap)]
    return [(gap.reason, gap.first_missed_id, gap.last_missed_id) for gap in gaps]


def go_on(recorder: Any, count: int = 20, seconds: float = 10.0) -> None:
    """Wait for so many more live trades."""

    def live(events: list[Any]) -> int:
        return sum(isinstance(e, Trade) and not e.recovered for e in events)

    so_far = live(recorder.events)
    recorder.wait(lambda events: live(events) >= so_far + count, seconds)


def cut(exchange: SimulatedExchange, recorder: Any) -> int:
    """Cut the link while trades come, and wait until that was told; the first id missed."""
    count = len(recorder.of(StreamGap))
    go_on(recorder)
    exchange.cut()
    gap = recorder.wait_for(StreamGap, count + 1)[count]
    assert gap.reason == "disconnected"
    first: int = gap.first_missed_id
    return first


def test_what_cuts_cost_reaches_every_kind_of_subscriber(
    busy: SimulatedExchange, start: Any, record: Any, kind: Kind, figure: Any
) -> None:
    """Five cuts under two hundred trades a second: all trades, once, in order, as they were."""
    connector = start(busy).proxy()
    recorders: dict[str, Any] = {name: record() for name in KINDS}
    for name, recorder in recorders.items():
        subscriber, more = kind(name, recorder)
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    for _ in range(5):
        for recorder in recorders.values():
            go_on(recorder)
        busy.cut()
    for recorder in recorders.values():
        recorder.wait_for(StreamGap, 5)
        go_on(recorder)
    for name, recorder in recorders.items():
        events = list(recorder.events)
        check_complete(busy, events)
        gaps = check_told(events)
        assert [reason for reason, _, _ in gaps] == ["disconnected"] * 5, name
        assert recovered(events), name
    asked = sum(request.path == PAST for request in busy.requests)
    count = len(recovered(recorders["callable"].events))
    figure("5 cuts, 6 subscribers", f"{count} trades recovered for each, {asked} requests")
    assert asked <= 10  # shared, though the six do not ask at the same moment


def test_lost_frames_are_fetched(busy: SimulatedExchange, start: Any, record: Any) -> None:
    """On a link that holds: the gap names them at once, then they come."""
    connector, trades, life = start(busy).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    go_on(trades)
    busy.lose(STREAM, 3)
    (gap,) = trades.wait_for(StreamGap)
    go_on(trades)
    assert (gap.reason, gap.missed) == ("missed", 3)
    events = list(trades.events)
    check_complete(busy, events)
    assert recovered(events) == list(range(gap.first_missed_id, gap.last_missed_id + 1))
    at = events.index(gap)
    assert ids(events[at : at + 2]) == [gap.first_missed_id]
    assert life.of(Disconnected) == []


def test_a_frame_that_could_not_be_trusted_is_fetched(
    busy: SimulatedExchange, start: Any, record: Any
) -> None:
    """As the exchange's REST tells it."""
    connector, trades = start(busy).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    go_on(trades)
    busy.corrupt(STREAM, 1, "digits")
    (gap,) = trades.wait_for(StreamGap)
    go_on(trades)
    assert (gap.reason, gap.first_missed_id) == ("rejected", None)
    check_complete(busy, list(trades.events))
    assert len(recovered(trades.events)) == 1


def test_many_are_fetched_page_by_page(start: Any, record: Any) -> None:
    """A stall of two thousand trades: three pages."""
    with SimulatedExchange(rate=1000.0) as exchange:
        connector, trades = start(exchange).proxy(), record()
        connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
        go_on(trades)
        exchange.stall()
        last = exchange.trades("BTCUSDT")[-1].trade_id
        assert exchange.wait_until(lambda e: e.trades("BTCUSDT")[-1].trade_id > last + 2000, 10)
        exchange.resume()
        (gap,) = trades.wait_for(StreamGap)
        go_on(trades)
        events = list(trades.events)
        check_complete(exchange, events)
        assert gap.reason == "missed"
        assert len(recovered(events)) == gap.missed >= 2000
        assert sum(request.path == PAST for request in exchange.requests) >= 3


def test_of_too_many_the_newest_are_fetched(
    busy: SimulatedExchange, start: Any, record: Any
) -> None:
    """The others are told, in front of them."""
    connector, trades = start(busy, recovery={"max_trades": 5}).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    go_on(trades)
    busy.lose(STREAM, 40)
    go_on(trades, 60)
    (missed, unrecovered) = check_told(list(trades.events))
    assert missed[0] == "missed"
    assert unrecovered == ("unrecovered", missed[1], missed[2] - 5)  # type: ignore[operator]
    assert len(recovered(trades.events)) == 5


@pytest.mark.parametrize("fault", ["reset", "error", "refused", "empty"])
def test_where_rest_fails_the_gap_stands(
    fault: str, busy: SimulatedExchange, start: Any, record: Any
) -> None:
    """With the exact ids, behind the one of the cut; then live trades go on, and the next is well."""
    connector, trades = start(busy).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    match fault:
        case "reset":
            busy.reset_rest(PAST, None)
        case "error":
            busy.answer(PAST, 503, "<html>", count=None)
        case "refused":
            busy.answer(PAST, 401, {"code": -2014, "msg": "API-key format invalid."}, count=None)
        case _:
            busy.answer(PAST, 200, [], count=None)
    first = cut(busy, trades)
    go_on(trades)
    disconnected, unrecovered = check_told(list(trades.events))
    assert disconnected == ("disconnected", first, None)
    assert unrecovered[:2] == ("unrecovered", first)
    assert recovered(trades.events) == []
    busy.clear(PAST)
    connector.reset_circuit_breaker().get(timeout=5)
    cut(busy, trades)
    go_on(trades)
    assert [gap.reason for gap in trades.of(StreamGap)][2:] == ["disconnected"]
    assert recovered(trades.events)
    check_told(list(trades.events))


def test_what_comes_short_is_told(busy: SimulatedExchange, start: Any, record: Any) -> None:
    """An exchange that leaves one out: what it gave is delivered, the one is told in its place."""
    connector, trades = start(busy).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    go_on(trades)
    busy.delay(PAST, 0.3, 1)
    busy.lose(STREAM, 5)
    (gap,) = trades.wait_for(StreamGap)
    rows = [
        {"id": each, "price": "1.5", "qty": "2.0", "quoteQty": "3.0", "time": 1700000000000,
         "isBuyerMaker": True, "isBestMatch": True}
        for each in range(gap.first_missed_id, gap.last_missed_id + 1)
        if each != gap.first_missed_id + 2
    ]  # fmt: skip
    busy.answer(PAST, 200, rows)
    go_on(trades)
    missed, unrecovered = check_told(list(trades.events))
    assert missed[0] == "missed"
    assert unrecovered == ("unrecovered", gap.first_missed_id + 2, gap.first_missed_id + 2)
    assert recovered(trades.events) == [row["id"] for row in rows]


def test_beyond_the_allowance_the_gap_stands(
    busy: SimulatedExchange, start: Any, record: Any
) -> None:
    """At once, and nothing is sent; the users' own requests have their weight."""
    connector, trades = start(busy, recovery={"max_weight": 30}).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    cut(busy, trades)
    go_on(trades)
    assert recovered(trades.events)
    asked = sum(request.path == PAST for request in busy.requests)
    began = time.monotonic()
    cut(busy, trades)
    go_on(trades)
    assert time.monotonic() - began < 3.0
    gaps = check_told(list(trades.events))
    assert [reason for reason, _, _ in gaps] == ["disconnected", "disconnected", "unrecovered"]
    assert sum(request.path == PAST for request in busy.requests) == asked
    assert connector.ping().get(timeout=5).round_trip > 0


def test_a_slow_answer_is_waited_for(busy: SimulatedExchange, start: Any, record: Any) -> None:
    """Within the time; meanwhile others go on."""
    connector, trades, others = start(busy).proxy(), record(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    connector.subscribe_trades("ETHUSDT", others).get(timeout=5)
    go_on(trades)
    busy.delay(PAST, 1.5, 1)
    busy.lose(STREAM, 3)
    trades.wait_for(StreamGap)
    count, began = len(trades.events), time.monotonic()
    go_on(others, 50)
    assert len(trades.events) == count
    go_on(trades)
    assert time.monotonic() - began > 1.0
    check_complete(busy, list(trades.events))
    assert others.of(StreamGap) == []


def test_live_trades_wait_no_longer_than_they_should(
    busy: SimulatedExchange, start: Any, record: Any, figure: Any
) -> None:
    """A REST that takes eight seconds, and a second to wait."""
    connector, trades = start(busy, recovery={"timeout": 1.0}).proxy(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    go_on(trades)
    busy.delay(PAST, 8.0)
    busy.lose(STREAM, 3)
    (gap,) = trades.wait_for(StreamGap)
    began = time.monotonic()
    trades.wait_for(StreamGap, 2)
    waited = time.monotonic() - began
    figure("live trades waited for a REST of 8 s, at most 1 s", f"{waited * 1000:.0f} ms")
    assert 0.9 < waited < 2.0
    go_on(trades)
    assert check_told(list(trades.events))[1:] == [
        ("unrecovered", gap.first_missed_id, gap.last_missed_id)
    ]


def test_switched_off_the_gap_is_all(busy: SimulatedExchange, start: Any, record: Any) -> None:
    """Live trades go on at once, and nothing is asked."""
    ref, trades = start(busy, recovery={"enabled": False}), record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    first = cut(busy, trades)
    go_on(trades)
    (gap,) = trades.of(StreamGap)
    assert (gap.reason, gap.first_missed_id) == ("disconnected", first)
    assert ids(trades.events)[-1] > first
    assert recovered(trades.events) == []
    assert not any(request.path == PAST for request in busy.requests)
    assert "recovery" not in ask(ref, GetHealth()).components


@pytest.mark.parametrize("room", ["recovery", "rest", "registry"])
def test_who_waits_goes_on_when_a_room_is_lost(
    room: str, busy: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """While the exchange takes its time: nobody waits for ever, and what is missing is told."""
    ref = start(busy, actor=Losing)
    connector = ref.proxy()
    recorders: dict[str, Any] = {name: record() for name in KINDS}
    for name, recorder in recorders.items():
        subscriber, more = kind(name, recorder)
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    for recorder in recorders.values():
        go_on(recorder)
    busy.delay(PAST, 1.0)
    busy.lose(STREAM, 4)
    for recorder in recorders.values():
        recorder.wait_for(StreamGap)
    assert busy.wait_until(lambda e: any(request.path == PAST for request in e.requests))
    began = time.monotonic()
    ref.tell(room)
    for recorder in recorders.values():
        go_on(recorder)
    assert time.monotonic() - began < 5.0
    for recorder in recorders.values():
        check_told(list(recorder.events))
        if room == "registry":  # it has no part in it
            check_complete(busy, list(recorder.events))


def test_a_connector_that_stops_leaves_nobody_waiting(
    busy: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """What was held back is delivered, behind what is missing; it takes no longer than usual."""
    ref = start(busy)
    connector = ref.proxy()
    recorders: dict[str, Any] = {name: record() for name in KINDS}
    for name, recorder in recorders.items():
        subscriber, more = kind(name, recorder)
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    for recorder in recorders.values():
        go_on(recorder)
    busy.delay(PAST, 8.0)
    busy.lose(STREAM, 4)
    for recorder in recorders.values():
        recorder.wait_for(StreamGap)
    assert busy.wait_until(lambda e: any(request.path == PAST for request in e.requests))
    began = time.monotonic()
    ref.stop(timeout=10)
    assert time.monotonic() - began < 4.0
    for recorder in recorders.values():
        recorder.wait_for(StreamGap, 2)
        gap = recorder.of(StreamGap)[1]
        recorder.wait(lambda events, gap=gap: ids(events)[-1] > gap.last_missed_id)
        assert check_told(list(recorder.events))[1][0] == "unrecovered"


@pytest.mark.parametrize("name", KINDS)
def test_one_that_leaves_while_it_waits_gets_nothing_more(
    name: str, busy: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """And its neighbour gets all."""
    ref = start(busy)
    connector, trades, witness = ref.proxy(), record(), record()
    subscriber, more = kind(name, trades)
    subscription = connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", witness).get(timeout=5)
    go_on(witness)
    busy.delay(PAST, 0.5)
    busy.lose(STREAM, 4)
    trades.wait_for(StreamGap)
    witness.wait_for(StreamGap)
    subscription.unsubscribe()
    count = len(trades.events)
    go_on(witness)
    assert len(trades.events) == count
    check_complete(busy, list(witness.events))
    assert ask(ref, GetHealth()).subscribers == 1


@pytest.mark.parametrize("overflow", ["block", "drop_oldest", "conflate"])
def test_what_waits_is_bounded(
    overflow: str, busy: SimulatedExchange, start: Any, record: Any
) -> None:
    """Twenty at most, while two hundred come: dropped ones are counted, or the socket waits."""
    connector, trades, life = start(busy).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    connector.subscribe_trades("BTCUSDT", trades, max_pending=20, overflow=overflow).get(timeout=5)
    go_on(trades)
    busy.delay(PAST, 1.0, 1)
    busy.lose(STREAM, 4)
    trades.wait_for(StreamGap)
    go_on(trades, 30)
    events = list(trades.events)
    assert len(recovered(events)) == 4
    lagged = [event for event in events if isinstance(event, SubscriberLagged)]
    if overflow == "block":
        check_complete(busy, events)
        assert lagged == []
        return
    mine = ids(events)
    assert mine == sorted(set(mine))
    missing = mine[-1] + 1 - mine[0] - len(mine)
    assert missing == sum(each.dropped for each in lagged) > 50
    assert life.wait_for(SubscriberLagged, len(lagged)) == lagged


def test_what_waits_for_an_inline_callable_is_bounded_too(
    busy: SimulatedExchange, start: Any, record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no thread that falls behind: the reader itself holds back, and then waits."""
    hold, most = RecoveringMailbox._hold, [0]

    def seen(self: RecoveringMailbox, item: Any) -> None:
        hold(self, item)
        most[0] = max(most[0], len(self._held))

    monkeypatch.setattr(RecoveringMailbox, "_hold", seen)
    connector, trades = start(busy).proxy(), record()
    way = {"delivery": "inline", "overflow": "block", "max_pending": 20}
    connector.subscribe_trades("BTCUSDT", trades, **way).get(timeout=5)
    go_on(trades)
    busy.delay(PAST, 2.0, 1)
    busy.lose(STREAM, 4)
    trades.wait_for(StreamGap)
    go_on(trades, 600)
    check_complete(busy, list(trades.events))
    assert len(recovered(trades.events)) == 4
    assert 20 <= most[0] < 100


def test_the_connector_stays_well(busy: SimulatedExchange, start: Any, record: Any) -> None:
    """A recovery is nothing that its health tells of."""
    ref, trades = start(busy), record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    cut(busy, trades)
    go_on(trades)
    health = ask(ref, GetHealth())
    assert health.state is HealthState.LIVE
    assert health.components["recovery"].restarts == 0


BAD_DAYS: dict[str, Callable[[Any, SimulatedExchange], object]] = {
    "cut": lambda ref, exchange: exchange.cut(),
    "lose": lambda ref, exchange: exchange.lose(STREAM, 7),
    "recovery": lambda ref, exchange: ref.tell("recovery"),
    "corrupt": lambda ref, exchange: exchange.corrupt(STREAM, 2, "garbled"),
    "rest": lambda ref, exchange: ref.tell("rest"),
    "duplicate": lambda ref, exchange: exchange.duplicate(STREAM, 5),
    "session": lambda ref, exchange: ref.tell("session-0"),
    "reset": lambda ref, exchange: exchange.reset_rest(PAST, 2),
    "registry": lambda ref, exchange: ref.tell("registry"),
    "slow": lambda ref, exchange: exchange.delay(PAST, 0.4, 2),
    "reorder": lambda ref, exchange: exchange.reorder(STREAM, 3),
}


@pytest.mark.parametrize("seed", range(3))
def test_in_bad_days_every_id_is_had_or_told(
    seed: int, busy: SimulatedExchange, start: Any, record: Any, kind: Kind, figure: Any
) -> None:
    """Whatever happens at whatever moment, to every kind of subscriber."""
    chance = random.Random(seed)
    ref = start(busy, actor=Losing, circuit_breaker={"enabled": False})
    connector = ref.proxy()
    recorders: dict[str, Any] = {name: record() for name in KINDS}
    for name, recorder in recorders.items():
        subscriber, more = kind(name, recorder)
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
    days = [*BAD_DAYS] * 2
    chance.shuffle(days)
    witness = recorders["callable"]
    for day in days:
        go_on(witness, chance.choice((1, 1, 10)), 20.0)
        BAD_DAYS[day](ref, busy)
    for recorder in recorders.values():
        go_on(recorder, 50, 20.0)
    told: set[str] = set()
    for recorder in recorders.values():
        told |= {reason for reason, _, _ in check_told(list(recorder.events))}
    assert {"disconnected", "missed"} <= told
    events = list(witness.events)
    count = len([gap for gap in witness.of(StreamGap) if gap.reason == "unrecovered"])
    figure(
        f"bad days, seed {seed}",
        f"{len(ids(events))} trades, {len(recovered(events))} of them recovered, {count} gaps left",
    )


MINUTE = 60_000_000_000
START = 1_700_006_390.0
"""Ten seconds before a full minute."""


@contextmanager
def held(**settings: Any) -> Generator[SimulatedExchange]:
    """An exchange whose market moves by hand only."""
    exchange = SimulatedExchange(rate=1.0, start_time=START, **settings)
    exchange.hold()
    with exchange:
        yield exchange


def test_candles_that_closed_during_a_cut_are_fetched(start: Any, record: Any) -> None:
    """From the one that was running to the one that runs now: each once, as another got it live."""
    with held() as exchange:
        klines, witness = record(), record()
        start(exchange).proxy().subscribe_klines("BTCUSDT", "1m", klines).get(timeout=5)
        (unlucky,) = exchange.connection_ids
        start(exchange).proxy().subscribe_klines("BTCUSDT", "1m", witness).get(timeout=5)
        exchange.advance(3)
        klines.wait_for(Kline)
        running = klines.of(Kline)[-1]
        exchange.refuse_upgrades()
        exchange.cut(unlucky)
        (gap,) = klines.wait_for(StreamGap)
        assert (gap.reason, gap.first_missed_id) == ("disconnected", None)
        exchange.advance(150)
        exchange.accept_upgrades()
        assert exchange.wait_until(lambda e: len(e.controls) == 3)
        exchange.advance(3)
        klines.wait(lambda events: isinstance(events[-1], Kline) and not events[-1].recovered)
        events = list(klines.events)
        fetched = [event for event in events if getattr(event, "recovered", False)]
        assert [each.open_time for each in fetched] == [
            running.open_time + minute * MINUTE for minute in range(3)
        ]
        witness.wait(lambda events: sum(each.is_closed for each in events) == 3)
        assert list(map(figures, fetched)) == [
            figures(each) for each in witness.of(Kline) if each.is_closed
        ]
        live = events[events.index(fetched[-1]) + 1]
        assert live.open_time == fetched[-1].open_time + MINUTE
        assert not live.is_closed
        assert klines.of(StreamGap) == [gap]


def figures(candle: Kline) -> dict[str, Any]:
    """All that a candle says, but for how it came."""
    told = msgspec.structs.asdict(candle)
    return {name: told[name] for name in told.keys() - {"event_time", "received_time", "recovered"}}


def test_a_candle_that_still_runs_is_not_fetched(start: Any, record: Any) -> None:
    """A cut within a minute costs no candle."""
    with held() as exchange:
        connector, klines = start(exchange).proxy(), record()
        connector.subscribe_klines("BTCUSDT", "1h", klines).get(timeout=5)
        exchange.advance(3)
        klines.wait_for(Kline)
        exchange.cut()
        klines.wait_for(StreamGap)
        assert exchange.wait_until(lambda e: bool(e.streams))
        exchange.advance(3)
        klines.wait(lambda events: isinstance(events[-1], Kline))
        assert not any(event.recovered for event in klines.of(Kline))
        assert not any(request.path == "/api/v3/klines" for request in exchange.requests)


def test_candles_that_cannot_be_had_are_told(start: Any, record: Any) -> None:
    """As a gap without ids, before the live one."""
    with held() as exchange:
        connector, klines = start(exchange).proxy(), record()
        connector.subscribe_klines("BTCUSDT", "1m", klines).get(timeout=5)
        exchange.advance(3)
        klines.wait_for(Kline)
        exchange.answer("/api/v3/klines", 400, {"code": -1100, "msg": "no"}, count=None)
        exchange.refuse_upgrades()
        exchange.cut()
        klines.wait_for(StreamGap)
        exchange.advance(100)
        exchange.accept_upgrades()
        assert exchange.wait_until(lambda e: bool(e.streams))
        exchange.advance(3)
        klines.wait(lambda events: isinstance(events[-1], Kline))
        gaps = [gap.reason for gap in klines.of(StreamGap)]
        assert gaps == ["disconnected", "unrecovered"]
