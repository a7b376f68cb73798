"""Binance's spot interface put together: REST, market streams and the websocket API."""

from __future__ import annotations

from aiohttp import web

from ..credentials import Credentials
from ..faults.kinds import AnnounceShutdown, Fault
from ..faults.rules import SocketFaults
from ..interface import Parts
from ..recorded.replay import ReplaySource
from ..trading.accounts import Key
from ..wire.connections import Connection
from ..wire.heartbeat import Heartbeat
from ..wire.requests import Requests
from ..wire.sockets import Sockets
from .account import AccountQueries
from .desk import Desk
from .endpoints import endpoints, methods
from .exchange_info import Announced, OrderLimits
from .limits import AddressLimits
from .market_data import MarketData
from .order_counts import OrderCounts
from .order_queries import OrderQueries
from .orders import Orders
from .payloads import encode
from .rest import Rest
from .seeded import SeededSource
from .sessions import Sessions
from .signed_endpoints import signed_endpoints
from .sockets import MarketSockets
from .source import Source
from .ws_api import WebSocketApi

MAX_WEIGHT = 6_000
MAX_DIALS = 300
MAX_AGE_S = 86_400.0


class Binance:
    """The exchange as Binance's clients know it."""

    categories: tuple[str, ...] = ()
    depths: tuple[int, ...] = ()
    own_faults: tuple[type[Fault], ...] = (AnnounceShutdown,)

    def __init__(self, parts: Parts) -> None:
        settings = self._settings = parts.settings
        self._parts = parts
        max_weight = settings.or_else("max_weight", MAX_WEIGHT)
        max_dials = settings.or_else("max_dials", MAX_DIALS)
        self.source: Source = _source(parts)
        self.meter = AddressLimits(parts.clock, max_weight, settings.max_raw_requests, max_dials)
        self.credentials = Credentials.of_seed(settings.seed)
        data = MarketData(self.source, parts.clock)
        limits = OrderLimits(settings.max_orders, settings.max_orders_a_day)
        announced = Announced(max_weight, settings.max_raw_requests, max_dials, limits)
        counts = OrderCounts(parts.clock, limits)
        self.desk = Desk(self.source, parts.hub, parts.clock, counts, settings.seed)
        self._open_the_account()
        self.endpoints = endpoints(data, announced)
        self.signed_endpoints = signed_endpoints(
            AccountQueries(data.selection),
            Orders(self.desk, counts, settings.seed),
            OrderQueries(data.selection, counts),
        )
        sockets = Sockets(parts.hub, parts.journal, self.meter)
        self.socket_faults: SocketFaults = sockets.faults
        rest = Rest(
            self.endpoints,
            self.signed_endpoints,
            self.desk,
            counts,
            parts.clock,
            self.meter,
            parts.faults,
        )
        self._requests = Requests(rest, parts.faults, parts.journal, parts.hub.thawed)
        self._streams = MarketSockets(
            sockets,
            self._beat,
            settings.or_else("ws_messages_per_second", 5),
            settings.nested_errors,
        )
        self.ws_api = WebSocketApi(
            sockets,
            self._beat,
            {
                **methods(self.endpoints, data, announced),
                **{row.method: row for row in self.signed_endpoints.values()},
            },
            Sessions(parts.clock),
            self.desk.house,
            counts,
            parts.clock,
            self.meter,
            parts.journal,
            parts.faults,
        )

    def add_to(self, application: web.Application) -> None:
        """Add REST, the streams and the websocket API."""
        application.router.add_get("/ws", self._streams.handle)
        application.router.add_get("/ws/{streams:.*}", self._streams.handle)
        application.router.add_get("/stream", self._streams.handle)
        application.router.add_get("/ws-api/v3", self.ws_api.handle)
        application.router.add_route("*", "/{path:.*}", self._requests.handle)

    def do(self, fault: Fault) -> int:
        """Send every connection the `serverShutdown` event (web-socket-streams.md)."""
        event = {"e": "serverShutdown", "E": self._parts.clock.milliseconds()}
        self._parts.hub.broadcast("!serverShutdown", encode(event))
        return len(self._parts.hub.connections)

    def _open_the_account(self) -> None:
        """The account to try, whose key follows from the seed."""
        account = self.desk.open(None)
        key = Key(self.credentials.api_key, secret=self.credentials.api_secret)
        self.desk.house.add_key(account, key)

    def _beat(self, connection: Connection) -> Heartbeat:
        settings = self._settings
        return Heartbeat(
            connection,
            self._parts.hub,
            settings.ping_interval,
            settings.pong_timeout,
            settings.or_else("max_age", MAX_AGE_S),
        )


def _source(parts: Parts) -> Source:
    settings = parts.settings
    if settings.replay is not None:
        return ReplaySource(
            settings.replay,
            settings.speed,
            parts.hub,
            parts.clock,
            parts.gate,
            parts.replay_done,
        )
    return SeededSource(
        settings.symbols, settings.seed, settings.rate, parts.hub, parts.clock, parts.gate
    )
