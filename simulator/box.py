"""All parts of the exchange put together."""

from __future__ import annotations

import threading
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from .clock import Clock
from .exchanges import INTERFACES
from .faults.effects import Effects
from .faults.engine import FaultEngine
from .faults.http import HttpDoor
from .faults.rules import RestFaults
from .faults.runner import PlanRunner
from .interface import Parts
from .journal import Journal
from .market.books import BookView
from .market.events import Trade
from .settings import Settings
from .source import Source
from .wire.gate import Gate
from .wire.hub import Hub

LARGEST_BODY = 2**20


class Box:
    """The parts, wired; used on the exchange's own event loop once that runs."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock(settings.start_time)
        self.journal = Journal()
        self.gate = Gate()
        self.replay_done = threading.Event()
        self.hub = Hub(self.journal, settings.keep_published)
        faults = RestFaults()
        parts = Parts(
            settings, self.clock, self.journal, faults, self.hub, self.gate, self.replay_done
        )
        self.interface = INTERFACES[settings.exchange](parts)
        self.meter = self.interface.meter
        effects = Effects(
            self.hub, self.interface, faults, self.clock, self.meter, self.gate, settings.seed
        )
        for planned in settings.plan.faults:
            effects.check(planned.fault)
        self.engine = FaultEngine(effects, self.journal)
        self.runner = PlanRunner(settings.plan, self.engine, self.hub)

    @property
    def source(self) -> Source:
        """Where the data comes from."""
        return self.interface.source

    def application(self) -> web.Application:
        """The aiohttp application that serves REST and websockets on one port."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[client_left])
        HttpDoor(self.engine, self.state, self.book).add_to(application)
        application.cleanup_ctx.append(self.runner.running)
        self.interface.add_to(application)
        return application

    def book(
        self,
        symbol: str,
        update_id: int | None = None,
        category: str | None = None,
        depth: int | None = None,
    ) -> BookView:
        """The true book; raises as `SimulatedExchange.book` does."""
        symbol, category = self._chosen(symbol, category)
        numbering = self._numbering(depth)
        try:
            return self.source.book(symbol, update_id, category, numbering)
        except LookupError as error:
            raise LookupError(f"update_id: {error.args[0] if error.args else update_id}") from None

    def trades(self, symbol: str, category: str | None = None) -> list[Trade]:
        """The true trades; raises as `SimulatedExchange.trades` does."""
        return self.source.trades(*self._chosen(symbol, category))

    def trades_by_id(self, symbol: str, category: str | None = None) -> dict[str, Trade]:
        """The same by their ids on the wire."""
        return self.source.trades_by_id(*self._chosen(symbol, category))

    def state(self) -> dict[str, Any]:
        """What the exchange has seen so far, and how it stands, for `GET /_exchange/state`."""
        return {
            "connections": list(self.hub.connections),
            "streams": sorted(self.hub.streams),
            "dials": self.journal.dials,
            "requests": len(self.journal.requests),
            "controls": len(self.journal.controls),
            "pings": self.journal.pings,
            "pongs": self.journal.pongs,
            "lost": len(self.hub.faults.lost),
            "used_weight": self.meter.used,
            "peak_weight": self.meter.peak,
            "clock_offset": self.clock.offset,
            "time": self.clock.milliseconds(),
            "symbols": list(self.source.symbols()),
            "replay_done": self.replay_done.is_set(),
            "faults_applied": self.engine.applied,
        }

    def _chosen(self, symbol: str, category: str | None) -> tuple[str, str]:
        """Symbol and category; without a category the first that lists the symbol."""
        known = self.interface.categories or ("",)
        if category not in (None, *known):
            raise LookupError(f"category: {category!r} is none of {', '.join(known) or 'none'}")
        for one in known:
            if category in (None, one) and symbol.upper() in self.source.listed(one):
                return symbol.upper(), one
        raise LookupError(f"symbol: {symbol!r} is none of {', '.join(self.source.symbols())}")

    def _numbering(self, depth: int | None) -> int:
        known = self.interface.depths or (0,)
        if depth not in (None, *known):
            raise LookupError(f"depth: {depth} is none of {', '.join(map(str, known))}")
        return known[-1] if depth is None else depth


@web.middleware
async def client_left(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A client that left before its answer is no error of ours, and nothing to log."""
    try:
        return await handler(request)
    except ConnectionError:
        return web.Response()
