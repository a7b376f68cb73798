"""The connector, used as its users do: `ConnectorActor`, subscriptions and the public names alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pykka

from exchange_connector import (
    Config,
    ConnectorActor,
    EventBatch,
    OrderBookUpdate,
    SubscriberActor,
)

from ..frames import MIXES
from ..meter import Job, Meter, resident

LOSSLESS: dict[str, Any] = {"max_pending": 2_000, "overflow": "block"}
"""Every message counts, as for the other clients; a slow subscriber holds up the socket."""
SLOW_S = 0.000_5
"""What the slow callable takes for an event."""
_CONFIRMED_WITHIN_S = 120.0


def config(job: Job) -> Config:
    """A connector to the feed."""
    return (
        Config.builder()
        .exchange("binance", rest_url=job.rest_url, stream_url=job.stream_url)
        .connection(ca_file=job.ca_file)
        .clock_sync(enabled=False)
        .build()
    )


def callable_(job: Job, *, reads: bool = False, times: int = 1, **options: Any) -> None:
    """One or several callables, each for every stream."""
    meter = Meter(job, times)
    takers = [meter.taker() for _ in range(times)]
    run(job, meter, [reading(take) if reads else take for take in takers], LOSSLESS | options)


def batch(job: Job) -> None:
    """A callable that gets what came together as one batch."""
    meter = Meter(job)
    many = meter.many()

    def take(batch: EventBatch) -> None:
        many(batch.events)

    run(job, meter, [take], LOSSLESS | {"batch": True})


def actor(job: Job, *, kind: str) -> None:
    """An actor of one of these kinds."""
    meter = Meter(job)
    take, many = meter.taker(), meter.many()

    class Plain(pykka.ThreadingActor):
        def on_receive(self, message: Any) -> None:
            take(message)

    class Each(SubscriberActor):
        def on_event(self, event: Any) -> None:
            take(event)

    class Batches(SubscriberActor):
        def on_batch(self, events: Sequence[Any]) -> None:
            many(events)

    kinds: dict[str, type[pykka.ThreadingActor]] = {
        "plain": Plain,
        "each": Each,
        "batches": Batches,
    }
    ref = kinds[kind].start()
    run(job, meter, [ref], LOSSLESS)
    ref.stop()


def slow(job: Job) -> None:
    """A callable that is much too slow, under the policies that subscriptions come with."""
    meter = Meter(job)

    def take(event: Any) -> None:
        time.sleep(SLOW_S)

    run(job, meter, [take], {})


def shared_out(job: Job) -> None:
    """Many callables, each of them for its share of the streams."""
    meter = Meter(job)
    run(job, meter, meter.shares(job.subscribers), LOSSLESS, share=True)


def run(
    job: Job,
    meter: Meter,
    subscribers: list[Any],
    options: dict[str, Any],
    *,
    share: bool = False,
) -> None:
    """Subscribe, wait for the last message, and stop."""
    ref = ConnectorActor.start(config(job))
    try:
        ref.proxy().ready().get(timeout=30)
        before, began = resident(), time.perf_counter()
        wait_for(subscribed(job, ref.proxy(), subscribers, options, share=share))
        meter.extra = {
            "confirmed": time.perf_counter() - began,
            "subscribed": resident() - before,
        }
        meter.ready()
        meter.done.wait()
    finally:
        ref.stop()


def subscribed(
    job: Job, proxy: Any, subscribers: list[Any], options: dict[str, Any], *, share: bool
) -> list[pykka.Future[Any]]:
    """Ask for every stream, for each subscriber or for one of them in turn."""
    subscribe = methods(proxy)
    wanted = [(kind, name) for name in job.names for kind in MIXES[job.feed]]
    return [
        subscribe[kind](name, subscriber, **options)
        for number, (kind, name) in enumerate(wanted)
        for subscriber in ([subscribers[number % len(subscribers)]] if share else subscribers)
    ]


def wait_for(waiting: list[pykka.Future[Any]]) -> None:
    """Until all are confirmed, for a bounded time in all."""
    deadline = time.monotonic() + _CONFIRMED_WITHIN_S
    for number, future in enumerate(waiting):
        try:
            future.get(timeout=max(0.1, deadline - time.monotonic()))
        except pykka.Timeout:
            late = f"subscription {number + 1} of {len(waiting)} was not answered"
            raise SystemExit(f"{late} within {_CONFIRMED_WITHIN_S:g} s") from None


def methods(proxy: Any) -> dict[str, Callable[..., Any]]:
    """What subscribes to each kind of stream."""
    return {
        "depth": proxy.subscribe_order_book_updates,
        "trade": proxy.subscribe_trades,
        "bookTicker": proxy.subscribe_book_ticker,
        "ticker": proxy.subscribe_ticker,
    }


def reading(take: Callable[[Any], None]) -> Callable[[Any], None]:
    """The same handler, after every level was read."""

    def read(event: Any) -> None:
        if type(event) is OrderBookUpdate:
            for price, quantity in event.bids:
                assert price is not quantity
            for price, quantity in event.asks:
                assert price is not quantity
        take(event)

    return read
