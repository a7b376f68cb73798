"""Slow subscribers: bounded, told what they miss, and no burden to the others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pykka
import pytest

from exchange_connector import BookTicker, SubscriberLagged, Trade
from exchange_connector.actors.feeds.actor_recipient import MOST
from exchange_connector.simulator import SimulatedExchange

RECORDING = (
    Path(__file__).resolve().parents[2].parent
    / "shared/fixtures/binance_spot/hft_20240808_ETHUSDT.jsonl.gz"
)
TRADES, BOOK_TICKERS = 6106, 24077

recorded = pytest.mark.skipif(not RECORDING.is_file(), reason=f"there is no {RECORDING.name}")


class Held:
    """A callable that takes nothing until it is let go."""

    def __init__(self, taker: Callable[[Any], None]) -> None:
        self.called = threading.Event()
        self.let_go = threading.Event()
        self._taker = taker

    def __call__(self, event: Any) -> None:
        self.called.set()
        self.let_go.wait(30)
        self._taker(event)


@recorded
@pytest.mark.parametrize("overflow", ["conflate", "drop_oldest"])
def test_a_stuck_subscriber_is_told_what_it_missed(
    overflow: str, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """What is delivered and what is dropped make what was sent; another subscriber gets it all."""
    with SimulatedExchange(replay=RECORDING, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        slow, quick = record(), record()
        held = Held(slow)
        connector.subscribe_trades("ETHUSDT", held, max_pending=100, overflow=overflow).get(
            timeout=10
        )
        connector.subscribe_trades("ETHUSDT", quick, max_pending=TRADES).get(timeout=10)
        exchange.release()
        quick.wait_for(Trade, TRADES, seconds=30)
        held.let_go.set()
        last = quick.events[-1]
        slow.wait(lambda events: bool(events) and events[-1] == last)
        assert len(quick.events) == TRADES
    dropped = sum(notice.dropped for notice in slow.of(SubscriberLagged))
    assert len(slow.of(Trade)) + dropped == TRADES
    assert dropped > TRADES - 300
    assert len(slow.of(SubscriberLagged)) <= 2


@recorded
def test_a_blocking_subscriber_holds_up_the_socket_and_misses_nothing(
    start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """With `block` a replay goes as fast as it is taken."""
    with SimulatedExchange(replay=RECORDING, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        slow = record()
        held = Held(slow)
        connector.subscribe_book_ticker("ETHUSDT", held, max_pending=10, overflow="block").get(
            timeout=10
        )
        exchange.release()
        assert held.called.wait(10)
        assert not slow.events
        held.let_go.set()
        slow.wait_for(BookTicker, BOOK_TICKERS, seconds=30)
        assert len(slow.events) == BOOK_TICKERS


@recorded
def test_an_actor_has_a_short_inbox(start: Callable[..., Any]) -> None:
    """What an actor has not taken waits on our side, and all of it arrives."""
    longest = 0
    count = 0
    done = threading.Event()

    class Slow(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            nonlocal longest, count
            longest = max(longest, self.actor_inbox.qsize())  # type: ignore[attr-defined]
            count += isinstance(message, Trade)
            if count == TRADES:
                done.set()

    with SimulatedExchange(replay=RECORDING, speed=0) as exchange:
        exchange.hold()
        ref = start(exchange)
        slow = Slow.start()
        ref.proxy().subscribe_trades("ETHUSDT", slow, max_pending=TRADES).get(timeout=10)
        exchange.release()
        assert done.wait(30)
        slow.stop()
    assert 0 < longest <= MOST


def test_a_subscriber_that_raises_keeps_receiving(
    exchange: SimulatedExchange, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """Whatever it raises, it is told as an error and gets the next event."""
    from exchange_connector import ErrorOccurred, SubscriberError

    connector, life, seen = start(exchange).proxy(), record(), record()
    connector.subscribe_events(life).get(timeout=5)
    raised = iter([ValueError("mine"), SystemExit(1), KeyboardInterrupt()])

    def subscriber(event: Any) -> None:
        seen(event)
        error = next(raised, None)
        if error is not None:
            raise error

    subscription = connector.subscribe_trades("BTCUSDT", subscriber).get(timeout=5)
    told = life.wait_for(ErrorOccurred, 3)
    seen.wait_for(Trade, 6)
    assert [type(event.error) for event in told] == [SubscriberError] * 3
    assert {event.error.subscription_id for event in told} == {subscription.subscription_id}
    assert told[0].error.reason == "ValueError: mine"
