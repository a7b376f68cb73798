"""What every client's program has in common: its job, and the lines that it reports.

Only the standard library is needed: the peers run this in environments of their own.

A program reads one line of JSON, its job, and ends when its input does. It prints `{"up": true}`
once it is subscribed, and from then on what the library hands to its user, `{"trades": [[id, at],
…]}`, and what it tells him, `{"told": "words", "at": …}`; `campaign/clients.py` has it all. What a
library writes to its log is not told: nobody can act on it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

FLUSH_S = 0.02
"""Between two looks at what is to be reported; a batch is never older."""
WORDS = 200
"""Characters of what is told; the rest says nothing more."""


@dataclass(frozen=True)
class Job:
    """What a client is to do.

    Attributes:
        rest_url: Where it finds the exchange, a base URL without a path; so `stream_url`.
        symbol: Whose trades it is to follow, as the exchange writes it.
        consume_s: What its user takes for each trade.
        rest_every_s: If above 0, how often it also asks for the exchange's time by REST.
    """

    rest_url: str
    stream_url: str
    symbol: str
    consume_s: float
    rest_every_s: float


class Report:
    """Writes down what happens; a thread of its own prints it, so that nothing waits for a pipe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[tuple[int | str, float]] = []
        self._printed = threading.Lock()
        threading.Thread(target=self._print_forever, daemon=True).start()

    def up(self) -> None:
        """It is subscribed."""
        self._print({"up": True})

    def trade(self, trade_id: int) -> None:
        """The user was handed a trade."""
        self._note(trade_id)

    def told(self, words: str) -> None:
        """The user was told something that is no trade."""
        self._note(words[:WORDS])

    def _note(self, what: int | str) -> None:
        with self._lock:
            self._entries.append((what, time.monotonic()))

    def _print_forever(self) -> None:
        while True:
            time.sleep(FLUSH_S)
            self.flush()

    def flush(self) -> None:
        """Print what there is, in order."""
        with self._lock:
            entries, self._entries = self._entries, []
        trades: list[tuple[int, float]] = []
        for what, at in entries:
            if isinstance(what, int):
                trades.append((what, at))
                continue
            self._print_trades(trades)
            trades = []
            self._print({"told": what, "at": at})
        self._print_trades(trades)

    def _print_trades(self, trades: list[tuple[int, float]]) -> None:
        if trades:
            self._print({"trades": trades})

    def _print(self, line: Mapping[str, Any]) -> None:
        with self._printed:
            # one write a line, whatever the library prints besides
            os.write(sys.stdout.fileno(), f"{json.dumps(line)}\n".encode())


def described(error: BaseException) -> str:
    """An exception, in a line."""
    return f"{type(error).__name__}: {error}"


def job() -> Job:
    """The job on the standard input."""
    told: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    return Job(
        rest_url=str(told["rest_url"]),
        stream_url=str(told["stream_url"]),
        symbol=str(told["symbol"]),
        consume_s=float(told["consume_s"]),
        rest_every_s=float(told["rest_every_s"]),
    )


def _end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)  # not every library can be stopped


async def ask_forever(job: Job, report: Report, ask: Callable[[], Awaitable[object]]) -> None:
    """Ask by REST as often as the job says; what goes wrong is told, as everything is."""
    while job.rest_every_s:
        await asyncio.sleep(job.rest_every_s)
        try:
            await ask()
        except Exception as error:  # noqa: BLE001 - whatever it raises is told
            report.told(f"exception of a request: {described(error)}")
