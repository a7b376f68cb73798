"""Plays recorded frames at their pace, from the first subscription on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from ..wire.gate import Gate
from ..wire.hub import Hub

BATCH = 256


class Timed(Protocol):
    """A frame that was received `offset` seconds after the first one."""

    @property
    def offset(self) -> float:
        """That."""
        ...


F = TypeVar("F", bound=Timed)


class Player(Generic[F]):
    """Plays frames once. Nothing is dropped: a slow reader, a stall or a freeze makes the rest wait.

    Args:
        frames: in their order.
        speed: 1 is as recorded, 0 as fast as it is taken.
        hub: what they go to.
        gate: shut by a hold.
        done: set at the end.
        publish: sends one.
    """

    def __init__(
        self,
        frames: Sequence[F],
        speed: float,
        hub: Hub,
        gate: Gate,
        done: threading.Event,
        publish: Callable[[F], None],
    ) -> None:
        self._frames = frames
        self._speed = speed
        self._hub = hub
        self._gate = gate
        self._done = done
        self._publish = publish
        self._position = 0

    async def run(self) -> None:
        """Play every frame."""
        loop = asyncio.get_running_loop()
        await self._hub.subscribed.passed()
        await self._may_go_on()
        begun = loop.time()
        while self._position < len(self._frames):
            begun += await self._may_go_on()
            self._play(loop.time() - begun)
            self._hub.flush()
            await self._hub.drained()
            await asyncio.sleep(self._wait(loop.time() - begun))
        self._done.set()
        self._hub.flush()

    def advance(self, steps: int) -> None:
        """Send so many frames now; the others keep their times."""
        self._play_to(min(self._position + steps, len(self._frames)))
        self._hub.flush()

    def _play(self, elapsed: float) -> None:
        """Publish the frames that are due, at most a batch."""
        last = min(self._position + BATCH, len(self._frames))
        due = self._position
        while due < last and self._due(self._frames[due]) <= elapsed:
            due += 1
        self._play_to(due)

    def _play_to(self, last: int) -> None:
        while self._position < last:
            self._publish(self._frames[self._position])
            self._position += 1

    def _due(self, frame: F) -> float:
        return frame.offset / self._speed if self._speed else 0.0

    def _wait(self, elapsed: float) -> float:
        if self._position == len(self._frames):
            return 0.0
        return max(0.0, self._due(self._frames[self._position]) - elapsed)

    async def _may_go_on(self) -> float:
        """Wait for hold, stall and freeze to end; return the seconds that took."""
        begun = asyncio.get_running_loop().time()
        for gate in (self._gate, self._hub.flowing, self._hub.thawed):
            await gate.passed()
        return asyncio.get_running_loop().time() - begun
