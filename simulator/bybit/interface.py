"""Bybit's v5 interface put together: REST, the public sockets and the private one."""

from __future__ import annotations

from aiohttp import web

from ..credentials import Credentials
from ..faults.kinds import Fault, LagTrades, ResendSnapshots, RestartBooks
from ..faults.rules import SocketFaults
from ..interface import Parts
from ..trading.accounts import Key
from ..wire.requests import Requests
from ..wire.sockets import Sockets
from .account import AccountQueries
from .desk import Desk
from .endpoints import endpoints
from .limits import AccountLimits, AddressLimits
from .market_data import MarketData
from .order_queries import OrderQueries
from .orders import Orders
from .replay import ReplaySource
from .rest import Rest
from .seeded import SeededSource
from .sockets import BybitSockets
from .source import Source
from .topics import CATEGORIES, DEPTH_MS

KEY_LENGTH, SECRET_LENGTH = 18, 36
MAX_REQUESTS = 600
MAX_DIALS = 500
ENDLESS_S = float("inf")


class Bybit:
    """The exchange as Bybit's clients know it."""

    categories: tuple[str, ...] = CATEGORIES
    depths: tuple[int, ...] = tuple(DEPTH_MS)

    def __init__(self, parts: Parts) -> None:
        settings = parts.settings
        own = (ResendSnapshots, RestartBooks, LagTrades)  # a recording is played as it is
        self.own_faults: tuple[type[Fault], ...] = own if settings.replay is None else ()
        self.credentials = Credentials.of_seed(settings.seed, KEY_LENGTH, SECRET_LENGTH)
        self.source: Source = _source(parts)
        self.meter = AddressLimits(
            parts.clock,
            settings.or_else("max_weight", MAX_REQUESTS),
            settings.or_else("max_dials", MAX_DIALS),
        )
        self.desk = Desk(self.source, parts.hub, parts.clock, settings.seed)
        self._open_the_account()
        self.endpoints = endpoints(
            MarketData(self.source, parts.clock, settings.page_size, parts.faults),
            AccountQueries(self.desk.wallets),
            Orders(self.desk),
            OrderQueries(self.desk),
        )
        rest = Rest(
            self.endpoints,
            self.desk.house.keys,
            parts.clock,
            self.meter,
            AccountLimits(parts.clock, settings.uid_limit),
            parts.faults,
        )
        self._requests = Requests(rest, parts.faults, parts.journal, parts.hub.thawed)
        sockets = Sockets(parts.hub, parts.journal, self.meter)
        self.socket_faults: SocketFaults = sockets.faults
        self._sockets = BybitSockets(
            sockets,
            self.source,
            self.desk.house.keys,
            parts.clock,
            settings.seed,
            settings.idle_timeout,
            settings.or_else("max_age", ENDLESS_S),
            settings.or_else("ws_messages_per_second", 0),
        )

    def add_to(self, application: web.Application) -> None:
        """Add the sockets and REST."""
        categories = "|".join(CATEGORIES)
        public = f"/v5/public/{{category:{categories}}}"
        application.router.add_get(public, self._sockets.public)
        application.router.add_get("/v5/private", self._sockets.private)
        application.router.add_route("*", "/{path:.*}", self._requests.handle)

    def do(self, fault: Fault) -> int:
        """Tell books unasked for, or count them anew."""
        match fault:
            case ResendSnapshots(stream=pattern):
                return self.source.resend(pattern)
            case RestartBooks(stream=pattern):
                return self.source.restart(pattern)
            case _:
                raise TypeError(f"{type(fault).__name__} is no fault of this exchange's own")

    def _open_the_account(self) -> None:
        """The account to try, whose key follows from the seed."""
        account = self.desk.open(None)
        key = Key(self.credentials.api_key, secret=self.credentials.api_secret)
        self.desk.house.add_key(account, key)


def _source(parts: Parts) -> Source:
    settings = parts.settings
    if settings.replay is not None:
        return ReplaySource(
            settings.replay, settings.speed, parts.hub, parts.gate, parts.replay_done
        )
    return SeededSource(
        settings.symbols, settings.seed, settings.rate, parts.hub, parts.clock, parts.gate
    )
