"""A bot in a process of its own, on an exchange in another one, where things go wrong by a plan.

The plan is in plan.toml. The bot is built on this library, but nothing here depends on that: a bot in
any language can be pointed at the addresses that `exchange-connector simulate` prints.

Run it: python examples/under_faults.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from exchange_connector import Config, ConnectorActor, Event, StreamGap, Trade

PLAN = Path(__file__).with_name("plan.toml")
EXPECTED = ["missed", "disconnected", "disconnected"]
PATIENCE_S = 15.0


class Bot:
    """Counts what it was told, and what it missed."""

    def __init__(self) -> None:
        self.trades = 0
        self.gaps: list[str] = []
        self.back = threading.Event()
        self._began = time.monotonic()

    def on_event(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Trade():
                self.trades += 1
                if len(self.gaps) == len(EXPECTED):
                    self.back.set()
            case StreamGap():
                self.gaps.append(event.reason)
                seconds = time.monotonic() - self._began
                print(f"{seconds:4.1f} s  trades were missed: {event.reason}, {event.missed}")
            case _:
                pass


@contextmanager
def exchange_process() -> Generator[dict[str, str], None, None]:
    """Starts the exchange; gives the addresses that it prints first."""
    command = [sys.executable, "-m", "exchange_connector", "simulate"]
    process = subprocess.Popen(
        [*command, "--port", "0", "--faults", str(PLAN)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        told = process.communicate()[1]
        print("the exchange did:", *told.splitlines(), sep="\n  ")


def main() -> None:
    """Run the bot until the plan is over and it is back."""
    with exchange_process() as urls:
        config = (
            Config.builder()
            .exchange("binance", rest_url=urls["rest_url"], stream_url=urls["stream_url"])
            .connection(ping_interval=1.0, reconnect_delay=0.1, max_reconnect_wait=0.5)
            .build()
        )
        connector = ConnectorActor.start(config)
        bot = Bot()
        try:
            trades = connector.proxy().subscribe_trades("BTCUSDT", bot.on_event).get(timeout=10)
            assert bot.back.wait(PATIENCE_S), f"told of {bot.gaps} only"
            trades.unsubscribe()
        finally:
            connector.stop()
    assert bot.gaps == EXPECTED
    print("it was told of everything, and is back")


if __name__ == "__main__":
    main()
