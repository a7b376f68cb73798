"""Where requests meet the matching engines: what comes of them goes out on all streams.

What the market says of trades and books goes to the market streams, what concerns an account to
those who are subscribed to its user data. Faults of frames see the latter as the streams
`userData@executionReport`, `userData@outboundAccountPosition` and `userData@balanceUpdate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from ..clock import Clock
from ..market.events import Event, Trade
from ..market.fixed import parse
from ..market.statistics import average_price
from ..market.symbols import Listing
from ..trading.accounts import Account, KeyKind
from ..trading.house import House
from ..trading.orders import Execution, Notice
from ..wire.hub import Hub
from .filter_rows import FilterRows, Row
from .order_counts import OrderCounts
from .payloads import encode
from .seeded import SeededSource
from .sessions import ApiConnection
from .source import Source
from .user_events import event_of, name_of

T = TypeVar("T")
HELD = {"BTC": "1.25", "ETH": "20", "USDT": "100000", "BNB": "0"}
"""What the account to try begins with; of other assets that are traded as much as is worth 100,000."""
THOUSANDS = 100


class Desk:
    """The house, and who has to hear of what happens there."""

    key_kinds: tuple[KeyKind, ...] = ("HMAC", "ED25519", "RSA")

    def __init__(
        self, source: Source, hub: Hub, clock: Clock, counts: OrderCounts, seed: int
    ) -> None:
        self.symbols = source.symbols
        self._seeded = source if isinstance(source, SeededSource) else None
        self._hub = hub
        self._clock = clock
        self._counts = counts
        markets = self._seeded.markets if self._seeded is not None else {}
        self.filters = self._seeded.filters if self._seeded is not None else FilterRows()
        self.listings: dict[str, Listing] = {
            symbol: market.listing for symbol, market in markets.items()
        }
        self.house = House(markets, seed)
        if self._seeded is not None:
            self._seeded.feeds.after_step = self._stepped

    def do(self, symbol: str, deed: Callable[[int], T]) -> T:
        """Do something on a market, now, and tell everyone what comes of it."""
        now_us = self._clock.microseconds()
        try:
            return deed(now_us)
        finally:
            self._tell(symbol, now_us)
            self._hub.flush()

    def prices(self, symbol: str) -> tuple[int | None, int, int]:
        """What filters measure by: reference price, average price, last price (filters.md)."""
        guests, now_us = self.house.engines[symbol].guests, self._clock.microseconds()
        market = guests.market
        return market.reference.at(now_us), average_price(market, now_us), guests.last_price

    def set_filter(self, symbol: str, name: str, fields: Row) -> None:
        """Change a filter; `LookupError` and `ValueError` as `TradingRules.set_filter`."""
        self.filters.set(self._listing(symbol), name, fields)

    def set_reference_price(self, symbol: str, price: int | None) -> None:
        """Set the reference price by hand; `LookupError` if there is no such symbol."""
        self._listing(symbol)
        self.house.engines[symbol].guests.market.reference.set(price)

    def _listing(self, symbol: str) -> Listing:
        if symbol not in self.listings:
            raise LookupError(f"symbol: {symbol!r} is none of {', '.join(self.listings)}")
        return self.listings[symbol]

    def deposit(self, account: Account, asset: str, amount: int) -> None:
        """Something comes in from outside; raises as `House.deposit` does."""
        self.do("", lambda now_us: self.house.deposit(account, asset, amount, now_us))

    def open(self, amounts: Mapping[str, int] | None) -> Account:
        """Open an account that holds so much, or what is usual."""
        held = self._usual_amounts() if amounts is None else amounts
        return self.house.add_account(held, self._clock.microseconds())

    def _usual_amounts(self) -> dict[str, int]:
        amounts = {asset: parse(held) for asset, held in HELD.items()}
        for listing in self.listings.values():
            worth = listing.typical * THOUSANDS
            amounts.setdefault(listing.quote, worth)
            amounts.setdefault(listing.base, worth * 10**8 // listing.start_price)
        return amounts

    def _stepped(self, symbol: str, events: list[Event]) -> None:
        engine = self.house.engines[symbol]
        if engine.is_concerned:
            self.house.stepped(symbol, [one for one in events if isinstance(one, Trade)])
            self._tell(symbol, self._clock.microseconds())

    def _tell(self, symbol: str, now_us: int) -> None:
        for notice in self.house.drain():
            if isinstance(notice, Execution):
                self._counts.saw(notice)
            self._send(notice, now_us)
        if self._seeded is not None and symbol in self.listings:
            self._seeded.feeds.tell(symbol, now_us)

    def _send(self, notice: Notice, now_us: int) -> None:
        account = notice.order.account if isinstance(notice, Execution) else notice.account
        stream = f"userData@{name_of(notice)}"
        write = partial(event_of, notice, now_us)
        for connection in list(self._hub.connections.values()):
            if isinstance(connection, ApiConnection):
                number = connection.subscription_of(account)
                if number is not None:
                    told = {"subscriptionId": number, "event": write(connection.unit)}
                    self._hub.tell(connection, stream, encode(told))
