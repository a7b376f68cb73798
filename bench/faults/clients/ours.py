"""The connector: a callable for the trades, and one for the events of its own life.

As in the README: one subscription, one to the connector's events, and nothing else configured. Of
the events only those count that say that something is wrong; of the others' words, all do.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from exchange_connector import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    Config,
    ConnectorActor,
    ConnectorError,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    HealthState,
    StreamGap,
    SubscriberLagged,
    Trade,
)

from .report import Job, Report, described, job

TROUBLE = (Disconnected, HealthChanged, ErrorOccurred, ActorRestarted, CircuitBreakerStateChanged)


def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    config = (
        Config.builder()
        .exchange("binance", rest_url=job.rest_url, stream_url=job.stream_url)
        .build()
    )
    ref = ConnectorActor.start(config)
    connector = ref.proxy()

    def take(event: Any) -> None:
        if isinstance(event, Trade):
            report.trade(int(event.trade_id))
            if job.consume_s:
                time.sleep(job.consume_s)
        elif isinstance(event, StreamGap | SubscriberLagged):
            report.told(f"{type(event).__name__}: {event}")

    def note(event: Any) -> None:
        is_good = isinstance(event, HealthChanged) and event.state == HealthState.LIVE
        if isinstance(event, TROUBLE) and not is_good:
            report.told(f"{type(event).__name__}: {event}")

    connector.ready().get(timeout=30)
    connector.subscribe_trades(job.symbol, take).get(timeout=30)
    connector.subscribe_events(note).get(timeout=30)
    report.up()
    while job.rest_every_s:
        time.sleep(job.rest_every_s)
        try:
            connector.server_time().get()
        except ConnectorError as error:
            report.told(f"exception of a request: {described(error)}")
    threading.Event().wait()


if __name__ == "__main__":
    main(job(), Report())
