"""Every way of delivery in the long run: much at once, bad days, and a coming and going."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pykka
import pytest

from exchange_connector import (
    ActorRestarted,
    ConnectorActor,
    NotRunningError,
    OrderBookUpdate,
    StreamGap,
    Trade,
)
from exchange_connector.actors.feeds.feed import Feed
from exchange_connector.simulator import SimulatedExchange

RECORDING = (
    Path(__file__).resolve().parents[2].parent
    / "shared/fixtures/binance_spot/hft_20240808_ETHUSDT.jsonl.gz"
)
TRADES = 6106
recorded = pytest.mark.skipif(not RECORDING.is_file(), reason=f"there is no {RECORDING.name}")
KINDS = ("callable", "inline", "batch", "inline batch", "actor", "subscriber actor")
Kind = Callable[[str, Callable[[Any], object]], tuple[Any, dict[str, Any]]]


class Losing(ConnectorActor):
    """Loses the room that it is told the name of."""

    def on_receive(self, message: Any) -> Any:
        """Stop a room behind its own back."""
        if isinstance(message, str):
            self._children[message].ref.stop(block=False)  # type: ignore[union-attr]
            return None
        return super().on_receive(message)


@recorded
def test_all_kinds_get_the_same_events(start: Any, record: Any, kind: Kind) -> None:
    """Of two streams, as fast as they come: all of them, in order."""
    with SimulatedExchange(replay=RECORDING, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        recorders: dict[str, Any] = {}
        waiting = []
        for name in KINDS:
            recorders[name] = record()
            subscriber, more = kind(name, recorders[name])
            more |= {"max_pending": 50_000}
            waiting.append(connector.subscribe_trades("ETHUSDT", subscriber, **more))
            waiting.append(connector.subscribe_order_book_updates("ETHUSDT", subscriber, **more))
        pykka.get_all(waiting, timeout=10)
        exchange.release()
        for recorder in recorders.values():
            recorder.wait_for(Trade, TRADES, seconds=30)
        book_updates = max(len(each.of(OrderBookUpdate)) for each in recorders.values())
        for name, recorder in recorders.items():
            recorder.wait_for(OrderBookUpdate, book_updates)
            assert recorder.events == recorders["callable"].events, name
            assert len(recorder.events) == TRADES + book_updates


@recorded
@pytest.mark.parametrize("name", KINDS)
def test_one_that_blocks_gets_everything(name: str, start: Any, record: Any, kind: Kind) -> None:
    """With room for ten, while hundreds come at once."""
    with SimulatedExchange(replay=RECORDING, speed=0) as exchange:
        exchange.hold()
        connector, recorder = start(exchange).proxy(), record()
        subscriber, more = kind(name, recorder)
        connector.subscribe_trades(
            "ETHUSDT", subscriber, max_pending=10, overflow="block", **more
        ).get(timeout=10)
        exchange.release()
        recorder.wait_for(Trade, TRADES, seconds=30)
        assert len(recorder.events) == TRADES


def test_bad_days_are_told_alike(start: Any, record: Any, kind: Kind) -> None:
    """Cuts and lost rooms, while subscriptions come and go: what is missing has a gap before it."""
    with SimulatedExchange(rate=100.0, ws_messages_per_second=1000) as exchange:
        ref = start(exchange, actor=Losing, connection={"reconnect_delay": 0.001})
        connector, life = ref.proxy(), record()
        connector.subscribe_events(life).get(timeout=5)
        recorders: dict[str, Any] = {name: record() for name in KINDS}
        subscribers = {name: kind(name, recorders[name]) for name in KINDS}
        for subscriber, more in subscribers.values():
            connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5)
        for turn in range(12):
            passing = [
                connector.subscribe_book_ticker("BTCUSDT", subscriber, **more)
                for subscriber, more in subscribers.values()
            ]
            if turn % 3:
                ref.tell(("registry", "session-0")[turn % 3 - 1])
                life.wait_for(ActorRestarted, len(life.of(ActorRestarted)) + 1)
            else:
                exchange.cut()
            for recorder in recorders.values():
                recorder.wait_for(Trade, len(recorder.of(Trade)) + 3)
            for future in passing:
                with contextlib.suppress(NotRunningError):  # it was in the room that was lost
                    future.get(timeout=10).unsubscribe()
        for name, recorder in recorders.items():
            last: int | None = None
            for event in recorder.events:
                if isinstance(event, StreamGap) and event.channel == "trades":
                    last = None
                elif isinstance(event, Trade):
                    assert last is None or int(event.trade_id) == last + 1, name
                    last = int(event.trade_id)
            assert recorder.of(StreamGap), name


@pytest.mark.parametrize("name", KINDS)
def test_a_thousand_come_and_go(
    name: str, exchange: SimulatedExchange, start: Any, record: Any, kind: Kind
) -> None:
    """No thread, no feed and no subscription is left of them."""
    connector, witness = start(exchange).proxy(), record()
    connector.subscribe_trades("BTCUSDT", witness).get(timeout=5)
    subscriber, more = kind(name, lambda _: None)
    threads, most = threading.active_count(), feeds() + ("subscriber" in name)
    for _ in range(1000):
        connector.subscribe_trades("BTCUSDT", subscriber, **more).get(timeout=5).unsubscribe()
    assert connector.health().get(timeout=5).subscribers == 1
    # (the last message that an actor handled, here with a feed in it, it keeps until the next)
    witness.wait(lambda _: threading.active_count() <= threads and feeds() <= most)
    witness.wait_for(Trade, len(witness.events) + 2)
    assert witness.of(StreamGap) == []


def feeds() -> int:
    """How many feeds there are, after a look at what is not needed any more."""
    gc.collect()
    return sum(isinstance(each, Feed) for each in gc.get_objects())
