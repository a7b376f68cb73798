"""unicorn-binance-websocket-api, as its README shows: a callback, and its stream signals.

The README has them in two places: `create_stream(…, process_stream_data=…)`, and
`process_stream_signals=…` of the manager ("know the state of your streams").
"""

from __future__ import annotations

import json
import threading
import time
from importlib import import_module
from typing import Any

from .report import Job, Report, job


def main(job: Job, report: Report) -> None:
    """Follow the trades until the process is ended."""
    library: Any = import_module("unicorn_binance_websocket_api")
    up = threading.Event()

    def signalled(
        signal_type: Any = None,
        stream_id: Any = None,
        data_record: Any = None,
        error_msg: Any = None,
    ) -> None:
        report.told(f"signal: {signal_type} {error_msg or ''}".strip())
        if signal_type == "CONNECT":
            up.set()

    def take(data: str) -> None:
        message = json.loads(data).get("data", {})
        if message.get("e") == "trade":
            report.trade(int(message["t"]))
            if job.consume_s:
                time.sleep(job.consume_s)

    manager = library.BinanceWebSocketApiManager(
        exchange="binance.com",
        restful_base_uri=job.rest_url,
        websocket_base_uri=f"{job.stream_url}/",
        process_stream_signals=signalled,
        warn_on_update=False,  # it would ask GitHub
    )
    manager.create_stream(
        channels=["trade"], markets=[job.symbol.lower()], process_stream_data=take
    )
    if up.wait(30.0):
        report.up()
    threading.Event().wait()


if __name__ == "__main__":
    main(job(), Report())
