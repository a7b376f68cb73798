"""The runner of a plan: applies its faults when their times come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from ..wire.hub import Hub
from .engine import FaultEngine
from .plan import Plan, Schedule

logger = logging.getLogger(__name__)


class PlanRunner:
    """Runs a plan while the exchange is served. Each fault that happens is logged, in one line."""

    def __init__(self, plan: Plan, engine: FaultEngine, hub: Hub) -> None:
        self._plan = plan
        self._engine = engine
        self._hub = hub

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Run the plan from the start of the application to its end."""
        tasks = [
            asyncio.ensure_future(self._run(self._plan.schedule("start"))),
            asyncio.ensure_future(self._run_subscribed(self._plan.schedule("subscription"))),
        ]
        yield
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                logger.error("the plan of faults failed", exc_info=end)

    async def _run_subscribed(self, schedule: Schedule) -> None:
        if schedule.next_at is not None:
            await self._hub.subscribed.passed()
            await self._run(schedule)

    async def _run(self, schedule: Schedule) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while schedule.next_at is not None:
            await asyncio.sleep(max(0.0, begun + schedule.next_at - loop.time()))
            elapsed = loop.time() - begun
            for planned in schedule.due(elapsed):
                self._engine.apply(planned.fault, lasts=planned.lasts)
                logger.info("fault after %.1f s: %s", elapsed, planned)
