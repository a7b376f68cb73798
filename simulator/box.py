"""All parts of the exchange put together."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from .binance.endpoints import endpoints
from .binance.limits import WeightMeter
from .binance.market_data import MarketData
from .binance.rest import Rest
from .binance.seeded import SeededSource
from .binance.signing import Credentials
from .binance.sockets import Sockets
from .binance.source import Source
from .clock import Clock
from .faults.rules import RestFaults
from .journal import Journal
from .recorded.replay import ReplaySource
from .wire.gate import Gate
from .wire.hub import Hub

LARGEST_BODY = 2**20


@dataclass(frozen=True)
class Settings:
    """How the exchange was asked to be."""

    symbols: tuple[str, ...]
    seed: int
    rate: float
    replay: Path | None
    speed: float
    max_weight: int
    ping_interval: float
    pong_timeout: float
    ws_messages_per_second: int
    nested_errors: bool


class Box:
    """The parts, wired; used on the exchange's own event loop once that runs."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        self.journal = Journal()
        self.faults = RestFaults()
        self.gate = Gate()
        self.replay_done = threading.Event()
        self.meter = WeightMeter(self.clock, settings.max_weight)
        self.credentials = Credentials.of_seed(settings.seed)
        self.hub = Hub(self.journal)
        self.source = self._source(settings)
        self.sockets = Sockets(
            self.hub,
            self.journal,
            settings.ping_interval,
            settings.pong_timeout,
            settings.ws_messages_per_second,
            settings.nested_errors,
        )
        self.rest = Rest(
            endpoints(MarketData(self.source, self.clock), settings.max_weight),
            self.credentials,
            self.clock,
            self.meter,
            self.faults,
            self.journal,
            self.hub.thawed,
        )

    def application(self) -> web.Application:
        """The aiohttp application that serves REST and websockets on one port."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[client_left])
        application.router.add_get("/ws", self.sockets.handle)
        application.router.add_get("/ws/{streams:.*}", self.sockets.handle)
        application.router.add_get("/stream", self.sockets.handle)
        application.router.add_route("*", "/{path:.*}", self.rest.handle)
        return application

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
