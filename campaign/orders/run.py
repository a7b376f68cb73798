"""Runs a campaign of orders: an exchange that suffers, a bot that is killed, and the account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ...simulator import SimulatedExchange
from .case import Case
from .diary import lines
from .harm import Death, Harm, Incident, Murder, incidents
from .mix import SYMBOLS
from .outcome import OrdersOutcome
from .venue import BINANCE, Venue
from .verdict import Truth, endings, judge, read

RATE = 40.0
"""Orders a second."""
NO_LIMIT = 100_000_000
STEPS_A_SECOND = 5.0
DEPOSITS = {"BTC": "1000", "ETH": "10000", "USDT": "100000000"}
LAST_MURDER = 0.8
"""So that the last process has something to hear of."""
UP_S = 90.0
PLACED_S = 90.0
SETTLED_S = 120.0
POLL_S = 0.02
MOST_SILENT_S = 10.0


class Process:
    """The bot, as long as it lives.

    Attributes:
        said: The words that it has said.
        complaints: The last lines on its standard error.
    """

    def __init__(self, case: Case) -> None:
        self.said: set[str] = set()
        self.complaints: list[str] = []
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name}
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.bot"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment | {"NO_PROXY": "*", "PYTHONUNBUFFERED": "1"},
        )
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=read, name="campaign-bot")
            for read in (self._read_lines, self._read_errors)
        ]
        for reader in self._readers:
            reader.start()
        self.tell(asdict(case))

    def tell(self, line: dict[str, Any]) -> None:
        """Write a line to it; nothing, if it is dead."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{json.dumps(line)}\n")
            self._process.stdin.flush()

    def wait(self, word: str, seconds: float) -> bool:
        """Wait until it says so; whether it does."""
        with self._changed:
            self._changed.wait_for(lambda: {word, "end"} & self.said, seconds)
            return word in self.said

    def kill(self) -> None:
        """SIGKILL: it writes, closes and says nothing more."""
        self._process.kill()
        self._join()

    def end(self) -> None:
        """Close its input, and wait for its end."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(30.0)
        except subprocess.TimeoutExpired:
            self.complaints.append("the bot did not end by itself")
        self.kill()

    def _join(self) -> None:
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for text in self._process.stdout:
            with self._changed:
                self.said |= {*json.loads(text)}
                self._changed.notify_all()
        with self._changed:
            self.said.add("end")
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for text in self._process.stderr:
            self.complaints = [*self.complaints[-40:], text.rstrip()]


class Campaign:
    """One campaign."""

    def __init__(
        self, outcome: OrdersOutcome, exchange: SimulatedExchange, folder: Path, rate: float
    ) -> None:
        self._outcome, self._exchange = outcome, exchange
        self.journal, self.diary = folder / "journal", folder / "diary"
        self._case = Case(
            *(exchange.name, exchange.rest_url, exchange.stream_url, exchange.ws_api_url),
            *(exchange.api_key, exchange.api_secret, str(self.journal), str(self.diary)),
            seed=outcome.seed,
            first=1,
            last=outcome.orders,
            rate=rate,
        )
        self._undoing: list[tuple[float, int]] = []

    def go(self, tell: Callable[[str], object]) -> None:
        """From the first order to the last account."""
        outcome, began = self._outcome, time.monotonic()
        bot = self._started()
        plan, due, told = incidents(outcome.seed, outcome.venue), began, began
        try:
            while not bot.wait("placed", POLL_S):
                now = time.monotonic()
                if "end" in bot.said:
                    outcome.failures.append(f"the bot has died: {' '.join(bot.complaints[-6:])}")
                    return
                if now > began + self._longest:
                    outcome.failures.append("the bot has not come to an end in time")
                    return
                self._undo(now)
                if "up" in bot.said and now >= due:
                    pause, incident = next(plan)
                    due = now + pause
                    bot = self._suffer(bot, incident)
                if now >= told + MOST_SILENT_S:
                    told = now
                    tell(f"{now - began:6.0f} s {sum(outcome.incidents.values()):6,} faults")
            outcome.seconds = time.monotonic() - began
            self._settle(bot)
        finally:
            bot.end()
            outcome.failures += [
                f"the bot wrote: {words}" for words in bot.complaints if words.startswith("Traceb")
            ]

    @property
    def _longest(self) -> float:
        return UP_S + 3 * self._outcome.orders / self._case.rate + PLACED_S

    def _started(self) -> Process:
        self._outcome.processes += 1
        return Process(self._case)

    def _suffer(self, bot: Process, incident: Incident) -> Process:
        count = self._outcome.incidents
        match incident:
            case Harm(name=name, faults=faults, lasts=lasts):
                count[name] += 1
                now = time.monotonic()
                numbers = [self._exchange.apply(fault) for fault in faults]
                if lasts:
                    self._undoing += [(now + lasts, number) for number in numbers]
            case Death(room=room, way=way):
                count[f"part: {room}"] += 1
                bot.tell({"do": "kill", "room": room, "way": way})
            case Murder():
                if self._asked() > LAST_MURDER * self._outcome.orders:
                    return bot
                count["process killed"] += 1
                bot.kill()
                self._case = replace(self._case, first=self._asked() + 1)
                return self._started()
        return bot

    def _asked(self) -> int:
        """The number of the last order that was asked for."""
        return max((line[4] for line in lines(self.diary) if line[1] == "asks"), default=0)

    def _undo(self, now: float) -> None:
        for due, number in [*self._undoing]:
            if due <= now:
                self._exchange.undo(number)
                self._undoing.remove((due, number))

    def _settle(self, bot: Process) -> None:
        exchange = self._exchange
        exchange.clear_frames()
        exchange.clear_faults()
        exchange.hold()
        bot.tell({"do": "settle"})
        if not bot.wait("settled", SETTLED_S):
            words = " ".join(bot.complaints[-6:])
            self._outcome.failures.append(f"the bot did not settle: {words}")


def campaign(
    orders: int,
    seed: int,
    tell: Callable[[str], object],
    rate: float = RATE,
    venue: Venue = BINANCE,
) -> OrdersOutcome:
    """Let a bot ask for so many orders, and account for each; `tell` gets a line now and then."""
    outcome = OrdersOutcome(seed, orders, venue=venue)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        exchange = stack.enter_context(
            SimulatedExchange(
                symbols=SYMBOLS,
                seed=seed,
                rate=STEPS_A_SECOND,
                max_weight=NO_LIMIT,
                max_dials=0,
                max_raw_requests=0,
                max_orders=NO_LIMIT,
                max_orders_a_day=NO_LIMIT,
                uid_limit=NO_LIMIT,
                exchange=venue.name,
            )
        )
        for asset, much in DEPOSITS.items():
            exchange.deposit(asset, much)
        run = Campaign(outcome, exchange, folder, rate)
        run.go(tell)
        truth = Truth(
            exchange.orders(), exchange.fills(), exchange.balances(), exchange.order_requests
        )
        judge(outcome, truth, read(run.diary), endings(run.journal))
    return outcome
