"""Where requests meet the matching engines: what comes of them goes out on all topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..clock import Clock
from ..market.events import Trade
from ..market.fixed import parse
from ..market.symbols import Listing
from ..trading.accounts import Account, KeyKind
from ..trading.customs import Customs
from ..trading.house import House
from ..trading.orders import Execution, Fill
from ..wire.hub import Hub
from .private_events import PrivateEvents
from .seeded import SeededSource
from .source import Source
from .wallet import Wallets, worth_of

T = TypeVar("T")
HELD = {"BTC": "1.25", "ETH": "20.5", "USDT": "102500"}
"""What the account to try begins with; of other coins that are traded as much as is worth 100,000."""
THOUSANDS = 100
FIRST_IDS = (1_321 * 10**15, 1_999 * 10**15)
CUSTOMS = Customs(names_return=False, first_ids=FIRST_IDS, counts_as_one=True)


class Desk:
    """The house of the spot markets, and who has to hear of what happens there."""

    key_kinds: tuple[KeyKind, ...] = ("HMAC", "RSA")

    def __init__(self, source: Source, hub: Hub, clock: Clock, seed: int) -> None:
        self.symbols = source.symbols
        self._seeded = source if isinstance(source, SeededSource) else None
        self._hub = hub
        self._clock = clock
        symbols = source.symbols() if self._seeded is not None else ()
        markets = {symbol: self._seeded.spot(symbol).market for symbol in symbols if self._seeded}
        self.listings: dict[str, Listing] = {
            symbol: market.listing for symbol, market in markets.items()
        }
        self.wallets = Wallets(self.listings)
        self.house = House(markets, seed, CUSTOMS)
        self._sequences: dict[tuple[str, int], int] = {}
        self._events = PrivateEvents(hub, self.wallets, self.sequence, seed)
        if self._seeded is not None:
            self._seeded.after_step = self._stepped

    @property
    def now_us(self) -> int:
        """What the exchange's clock shows, in microseconds."""
        return self._clock.microseconds()

    def do(self, symbol: str, deed: Callable[[int], T]) -> T:
        """Do something on a market, now, and tell everyone what comes of it."""
        now_us = self.now_us
        try:
            return deed(now_us)
        finally:
            self._tell(symbol, now_us)
            self._hub.flush()

    def last_price(self, symbol: str) -> int:
        """The price of a symbol's newest trade."""
        return self.house.engines[symbol].guests.last_price

    def sequence(self, fill: Fill) -> int:
        """The cross sequence of a trade, as the public topic told it too."""
        return self._sequences[fill.order.symbol, fill.trade_id]

    def deposit(self, account: Account, asset: str, amount: int) -> None:
        """Something comes in from outside; raises as `House.deposit` does."""
        self.do("", lambda now_us: self.house.deposit(account, asset, amount, now_us))

    def set_filter(self, symbol: str, name: str, fields: dict[str, Any]) -> None:
        """Nothing: this exchange's rules of a symbol are not filters by name."""
        raise ValueError(f"name: {name!r} is no filter of this exchange")

    def set_reference_price(self, symbol: str, price: int | None) -> None:
        """Nothing: this exchange has no such price."""
        raise LookupError(f"symbol: {symbol!r} has no reference price at this exchange")

    def open(self, amounts: Mapping[str, int] | None) -> Account:
        """Open an account that holds so much, or what is usual."""
        held = self._usual_amounts() if amounts is None else amounts
        return self.house.add_account(held, self.now_us)

    def _usual_amounts(self) -> dict[str, int]:
        amounts = {coin: parse(held) for coin, held in HELD.items()}
        for listing in self.listings.values():
            base, quote = worth_of(listing, THOUSANDS)
            amounts.setdefault(listing.quote, quote)
            amounts.setdefault(listing.base, base)
        return amounts

    def _stepped(self, symbol: str, trades: list[Trade]) -> None:
        if self.house.engines[symbol].is_concerned:
            self.house.stepped(symbol, trades)
            self._tell(symbol, self.now_us)

    def _tell(self, symbol: str, now_us: int) -> None:
        """Tell of trades in public first, which numbers them."""
        notices = self.house.drain()
        if self._seeded is not None and symbol in self.listings:
            self._seeded.tell(symbol, now_us)
            traded = self._seeded.spot(symbol)
            for notice in notices:
                if isinstance(notice, Execution) and notice.fill is not None:
                    number = notice.fill.trade_id
                    self._sequences[symbol, number] = traded.seq_of(number)
        self._events.tell(notices, now_us)
