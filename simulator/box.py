"""All parts of the exchange put together."""

from __future__ import annotations

import threading
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from .binance.endpoints import endpoints, methods
from .binance.exchange_info import Announced
from .binance.limits import AddressLimits
from .binance.market_data import MarketData
from .binance.rest import Rest
from .binance.seeded import SeededSource
from .binance.sessions import Sessions
from .binance.signing import Credentials
from .binance.sockets import Sockets
from .binance.source import Source
from .binance.ws_api import WebSocketApi
from .clock import Clock
from .faults.effects import Effects
from .faults.engine import FaultEngine
from .faults.http import HttpDoor
from .faults.rules import RestFaults
from .faults.runner import PlanRunner
from .journal import Journal
from .recorded.replay import ReplaySource
from .settings import Settings
from .wire.gate import Gate
from .wire.hub import Hub

LARGEST_BODY = 2**20


class Box:
    """The parts, wired; used on the exchange's own event loop once that runs."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock(settings.start_time)
        self.journal = Journal()
        self.faults = RestFaults()
        self.gate = Gate()
        self.replay_done = threading.Event()
        self.meter = AddressLimits(
            self.clock, settings.max_weight, settings.max_raw_requests, settings.max_dials
        )
        self.credentials = Credentials.of_seed(settings.seed)
        self.hub = Hub(self.journal, settings.keep_published)
        self.source = self._source(settings)
        self.sockets = Sockets(
            self.hub,
            self.journal,
            settings.ping_interval,
            settings.pong_timeout,
            settings.ws_messages_per_second,
            self.meter,
            settings.max_age,
            settings.nested_errors,
        )
        data = MarketData(self.source, self.clock)
        announced = Announced(settings.max_weight, settings.max_raw_requests, settings.max_dials)
        self.endpoints = endpoints(data, announced)
        self.rest = Rest(
            self.endpoints,
            self.credentials,
            self.clock,
            self.meter,
            self.faults,
            self.journal,
            self.hub.thawed,
        )
        self.ws_api = WebSocketApi(
            self.sockets,
            methods(self.endpoints, data, announced),
            Sessions(self.clock),
            self.credentials,
            self.clock,
            self.meter,
            self.journal,
            self.faults,
        )
        effects = Effects(
            self.hub,
            self.sockets.faults,
            self.faults,
            self.clock,
            self.meter,
            self.gate,
            settings.seed,
        )
        self.engine = FaultEngine(effects, self.journal)
        self.runner = PlanRunner(settings.plan, self.engine, self.hub)

    def application(self) -> web.Application:
        """The aiohttp application that serves REST and websockets on one port."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[client_left])
        application.router.add_get("/ws", self.sockets.handle)
        application.router.add_get("/ws/{streams:.*}", self.sockets.handle)
        application.router.add_get("/stream", self.sockets.handle)
        application.router.add_get("/ws-api/v3", self.ws_api.handle)
        HttpDoor(self.engine, self.state, self.source).add_to(application)
        application.cleanup_ctx.append(self.runner.running)
        application.router.add_route("*", "/{path:.*}", self.rest.handle)
        return application

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

    def _source(self, settings: Settings) -> Source:
        if settings.replay is not None:
            return ReplaySource(
                settings.replay,
                settings.speed,
                self.hub,
                self.clock,
                self.gate,
                self.replay_done,
            )
        return SeededSource(
            settings.symbols, settings.seed, settings.rate, self.hub, self.clock, self.gate
        )


@web.middleware
async def client_left(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A client that left before its answer is no error of ours, and nothing to log."""
    try:
        return await handler(request)
    except ConnectionError:
        return web.Response()
