"""The connector's order books, used as its users do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from exchange_connector import (
    Config,
    ConnectorActor,
    OrderBook,
    StreamGap,
    SubscriberActor,
)

from ..book_meter import SHOWN, BookMeter
from ..meter import Job, resident, say
from .ours import LOSSLESS, config, wait_for

DEEP = 500
"""Levels a side to show, for which the connector keeps snapshots of 1,000."""


def callable_(job: Job, *, reads: bool = False, **options: Any) -> None:
    """A callable that is given the best levels after each update."""
    meter = BookMeter(job)
    run(job, meter, handler(meter, reads=reads), options or LOSSLESS)


def actor(job: Job) -> None:
    """The same for a `SubscriberActor`."""
    meter = BookMeter(job)
    take = handler(meter, reads=False)

    class Books(SubscriberActor):
        def on_event(self, event: Any) -> None:
            take(event)

    ref = Books.start()
    run(job, meter, ref, LOSSLESS)
    ref.stop()


def handler(meter: BookMeter, *, reads: bool) -> Callable[[Any], None]:
    """Takes books, and reads every level if it is to."""

    def take(event: Any) -> None:
        if type(event) is StreamGap:
            raise SystemExit(f"updates were lost: {event}")
        if type(event) is OrderBook:
            if reads:
                for price, quantity in event.bids:
                    assert price is not quantity
                for price, quantity in event.asks:
                    assert price is not quantity
            meter.kept(event.update_id, lambda: (event.bids, event.asks))

    return take


def run(job: Job, meter: BookMeter, subscriber: Any, options: dict[str, Any]) -> None:
    """Subscribe, wait for the last update, and stop."""
    ref = ConnectorActor.start(config(job))
    try:
        proxy: Any = ref.proxy()
        proxy.ready().get(timeout=30)
        subscribed = proxy.subscribe_order_book(job.names[0], subscriber, depth=SHOWN, **options)
        wait_for([subscribed])
        meter.ready()
        meter.done.wait()
    finally:
        ref.stop()


def many(job: Job) -> None:
    """Many books at once: what each of them adds to the process."""
    left, had = set(job.names), threading.Event()

    def take(event: Any) -> None:
        if type(event) is OrderBook:
            assert len(event.bids) == len(event.asks) == DEEP
            left.discard(event.symbol)
            if not left:
                had.set()

    ref = ConnectorActor.start(unlimited(job))
    try:
        proxy: Any = ref.proxy()
        proxy.ready().get(timeout=30)
        before = resident()
        wait_for([proxy.subscribe_order_book(name, take, depth=DEEP) for name in job.names])
        if not had.wait(120):
            raise SystemExit(f"{len(left)} books are missing")
        peak = resident("VmHWM")
        say(grown=peak - before, each=(peak - before) * 1024 / len(job.names), peak=peak)
    finally:
        ref.stop()


def unlimited(job: Job) -> Config:
    """A connector that may ask for all snapshots at once."""
    return (
        Config.builder()
        .exchange("binance", rest_url=job.rest_url, stream_url=job.stream_url)
        .rate_limit(enabled=False)
        .clock_sync(enabled=False)
        .build()
    )
