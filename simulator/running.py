"""The going on of a seeded market: its steps and ticks, each when it is due."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from .pace import Pace
from .wire.gate import Gate
from .wire.hub import Hub

MOST_AT_ONCE_S = 0.02  # before clients get their turn


class Feeds(Protocol):
    """Whoever makes the market go on, and tells of it."""

    def step(self, time_us: int) -> None:
        """One step of every symbol."""
        ...

    def tick(self, milliseconds: int, now_us: int) -> None:
        """Publish what is due.

        Args:
            milliseconds: time since the start.
            now_us: what time it is.
        """
        ...


class Running:
    """Runs feeds at a pace while neither a hold nor a freeze keeps them."""

    def __init__(self, pace: Pace, feeds: Feeds, hub: Hub, gate: Gate) -> None:
        self._pace = pace
        self._feeds = feeds
        self._hub = hub
        self._gate = gate

    async def run(self) -> None:
        """Go on for ever; what the machine was too slow for is made up for at once."""
        while True:
            await self._gate.passed()
            await self._hub.thawed.passed()
            self._pace.catch_up()
            enough = time.monotonic() + MOST_AT_ONCE_S
            while self._pace.wait_us() <= 0 and time.monotonic() < enough:
                self._next()
            self._hub.flush()
            await asyncio.sleep(max(0, self._pace.wait_us()) / 1_000_000)

    def advance(self, steps: int) -> None:
        """Make so many steps now, and every tick on the way."""
        last = self._pace.steps + steps
        while self._pace.steps < last or not self._pace.is_step_next:
            self._next()
        self._hub.flush()

    def _next(self) -> None:
        """A step of every symbol, or a tick, on which the periodic streams speak."""
        if self._pace.is_step_next:
            self._feeds.step(self._pace.step())
        else:
            milliseconds = self._pace.tick()
            self._feeds.tick(milliseconds, self._pace.now_us)
