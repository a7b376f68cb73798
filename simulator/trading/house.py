"""All accounts, and the matching engines of all symbols."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from random import Random

from ..market.events import Trade
from ..market.guests import Guests
from ..market.market import SymbolMarket
from .accounts import Account, Key
from .checks import CLOSED
from .customs import Customs
from .engine import Engine
from .ledger import Ledger
from .orders import Notice, Order, RejectedError, Wanted
from .reports import Reports

FIRST_UID = 354_937_868


class House:
    """Where accounts trade.

    Attributes:
        accounts: By their numbers.
        keys: By their public names, with the account of each.
        reached: How often an order of each name has reached the matching engines.
        ledger: Who owns what.

    Args:
        markets: those that are traded; none in a replay, which nobody can trade with.
        seed: from it follow the ids.
        customs: what differs between exchanges.
    """

    def __init__(
        self, markets: Mapping[str, SymbolMarket], seed: int, customs: Customs | None = None
    ) -> None:
        customs = customs or Customs()
        self.accounts: dict[int, Account] = {}
        self.keys: dict[str, tuple[Account, Key]] = {}
        self.reached: Counter[str] = Counter()
        self.ledger = Ledger()
        draw = Random(f"{seed} orders")
        self._reports = Reports(draw.randrange(10**7, 10**8))
        ids = count(draw.randrange(*customs.first_ids)) if customs.counts_as_one else None
        self.engines = {
            symbol: Engine(
                Guests(market, seed),
                ids or count(draw.randrange(*customs.first_ids)),
                self.ledger,
                self._reports,
                customs,
            )
            for symbol, market in markets.items()
        }

    def add_account(self, amounts: Mapping[str, int], now_us: int) -> Account:
        """Open an account that holds these amounts; an asset of none is listed too."""
        account = Account(FIRST_UID + len(self.accounts), updated_us=now_us)
        self.accounts[account.uid] = account
        for asset, amount in amounts.items():
            self.ledger.deposit(account, asset, amount)
        return account

    def add_key(self, account: Account, key: Key) -> None:
        """Give an account a key."""
        self.keys[key.api_key] = account, key

    def place(self, account: Account, wanted: Wanted, now_us: int) -> Order:
        """Hand an order to its engine; raises `RejectedError`."""
        self.reached[wanted.client_order_id] += 1
        return self._engine(wanted.symbol).place(account, wanted, now_us)

    def cancel(self, order: Order, name: str, now_us: int) -> None:
        """Cancel an order; raises `RejectedError`."""
        self._engine(order.symbol).cancel(order, name, now_us)

    def deposit(self, account: Account, asset: str, amount: int, now_us: int) -> None:
        """So much comes in from outside; less than 0 goes out.

        Raises:
            ValueError: if the account has not so much.
        """
        if account.free(asset) + amount < 0:
            raise ValueError(f"amount: the account has not so much {asset}")
        self.ledger.deposit(account, asset, amount)
        self._reports.moved(account, asset, amount, now_us)

    def stepped(self, symbol: str, trades: list[Trade]) -> None:
        """A market has made a step, with these trades."""
        self.engines[symbol].stepped(trades)

    def drain(self) -> list[Notice]:
        """What has happened to accounts and was not told yet."""
        return self._reports.drain()

    def _engine(self, symbol: str) -> Engine:
        engine = self.engines.get(symbol)
        if engine is None:
            raise RejectedError(CLOSED)
        return engine
