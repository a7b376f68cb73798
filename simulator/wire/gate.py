"""A switch that coroutines can wait on."""

from __future__ import annotations

import asyncio


class Gate:
    """Open or shut. Only the exchange's own event loop may touch it once that runs."""

    def __init__(self, *, is_open: bool = True) -> None:
        self._event = asyncio.Event()
        if is_open:
            self._event.set()

    @property
    def is_open(self) -> bool:
        """Whether `passed` returns at once."""
        return self._event.is_set()

    def open(self) -> None:
        """Let everyone pass."""
        self._event.set()

    def shut(self) -> None:
        """Hold everyone who comes from now on."""
        self._event.clear()

    async def passed(self) -> None:
        """Wait until the gate is open."""
        await self._event.wait()
