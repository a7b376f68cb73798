"""How long it takes to ask a connector, to start one, and to import it.

python -m bench.doors PORT      on a feed that runs
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pykka

from exchange_connector import Config, ConnectorActor, GetHealth, ask

from .meter import say
from .process import ROOT, Process
from .rounds import Bench, Figures

TIMES, WARM = 2_000, 200
STARTS = IMPORTS = 5
_IMPORT = (
    "import time; began = time.perf_counter(); import exchange_connector; "
    "print(time.perf_counter() - began)"
)


class Idle(pykka.ThreadingActor):
    """An actor that answers at once: what Pykka itself takes."""

    def on_receive(self, message: Any) -> Any:
        """Hand it back."""
        return message


def config(port: int) -> Config:
    """A connector to the feed."""
    return (
        Config.builder()
        .exchange(
            "binance", rest_url=f"http://127.0.0.1:{port}", stream_url=f"ws://127.0.0.1:{port}"
        )
        .build()
    )


def quick(call: Callable[[], object]) -> float:
    """The median of a call, in microseconds."""
    taken: list[float] = []
    for _ in range(TIMES + WARM):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[WARM:]) * 1e6


def started(port: int) -> float:
    """Seconds from `start` until the connector is ready."""
    began = time.perf_counter()
    ref = ConnectorActor.start(config(port))
    ref.proxy().ready().get(timeout=30)
    taken = time.perf_counter() - began
    ref.stop()
    return taken


def imported() -> float:
    """Seconds that the import takes in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return float(done.stdout)


def measure(bench: Bench) -> Figures:
    """Everything here, in a process of its own."""
    asker = Process([sys.executable, "-m", "bench.doors", str(bench.port)])
    try:
        return {"connector": asker.heard("import")}
    finally:
        asker.end()


def main(port: int) -> None:
    """Measure, and tell."""
    start = statistics.median(started(port) for _ in range(STARTS))
    ref, idle = ConnectorActor.start(config(port)), Idle.start()
    proxy = ref.proxy()
    proxy.ready().get(timeout=30)
    question = GetHealth()
    figures = {
        "pykka": quick(lambda: idle.ask(question)),
        "ask": quick(lambda: ask(ref, question)),
        "proxy": quick(lambda: proxy.health().get(timeout=10)),
        "start": start,
        "import": statistics.median(imported() for _ in range(IMPORTS)),
    }
    ref.stop()
    idle.stop()
    say(**figures)


if __name__ == "__main__":
    main(int(sys.argv[1]))
