"""Who owns what: how orders bind assets, how trades move them, and who earns the commission.

Nothing comes from nowhere: of every asset, what all accounts hold, the commission earned and what
the market's own traders have (`market`, which begins at nothing and may be below it) add up to what
was deposited.
"""

from __future__ import annotations

from collections import defaultdict

from ..market.events import Trade
from ..market.fixed import ONE, product
from ..market.symbols import Listing
from .accounts import Account
from .orders import Fill, Order


class Ledger:
    """The books of the exchange.

    Attributes:
        fees: Commission earned, by asset.
        market: What the market's own traders gained by trades with accounts, by asset.
        deposited: What came in from outside, less what went out, by asset.
    """

    def __init__(self) -> None:
        self.fees: defaultdict[str, int] = defaultdict(int)
        self.market: defaultdict[str, int] = defaultdict(int)
        self.deposited: defaultdict[str, int] = defaultdict(int)

    def deposit(self, account: Account, asset: str, amount: int) -> None:
        """So much comes in from outside; less than 0 goes out."""
        account.held[asset].free += amount
        self.deposited[asset] += amount

    def bind(self, order: Order, listing: Listing) -> None:
        """Let an order bind what it needs now, neither more nor less."""
        due = needed(order)
        order.account.lock(paid_with(order, listing), due - order.locked)
        order.locked = due

    def settle(self, order: Order, trade: Trade, listing: Listing, *, is_maker: bool) -> Fill:
        """Let one party of a trade pay and receive; the other is settled by itself."""
        quote = product(trade.price, trade.quantity)
        order.executed += trade.quantity
        order.executed_quote += quote
        order.updated_us = trade.time_us
        self.bind(order, listing)
        account, buys = order.account, order.side == "BUY"
        base, paid = (trade.quantity, quote) if buys else (quote, trade.quantity)
        received = listing.base if buys else listing.quote
        rate = account.maker_rate if is_maker else account.taker_rate
        commission = base * rate // ONE
        account.held[paid_with(order, listing)].free -= paid
        account.held[received].free += base - commission
        self.fees[received] += commission
        fill = Fill(
            order,
            trade.trade_id,
            trade.price,
            trade.quantity,
            quote,
            commission,
            received,
            is_maker,
            trade.time_us,
        )
        order.fills.append(fill)
        account.fills.append(fill)
        return fill

    def against_market(self, fill: Fill, listing: Listing) -> None:
        """The other party of a trade was one of the market's own traders, who pays no commission."""
        sign = -1 if fill.order.side == "BUY" else 1
        self.market[listing.base] += sign * fill.quantity
        self.market[listing.quote] -= sign * fill.quote


def paid_with(order: Order, listing: Listing) -> str:
    """The asset that an order pays with."""
    return listing.quote if order.side == "BUY" else listing.base


def needed(order: Order) -> int:
    """What an order has to bind now.

    An order at the market's price binds nothing while it trades, which takes no time; while it
    waits for its stop it binds what it would pay there, unless it binds late.
    """
    wanted = order.wanted
    if not order.is_open or (order.is_working and not order.has_limit):
        return 0
    if wanted.binds_late and not order.is_working:
        return 0
    if order.side == "SELL":
        return order.left
    if wanted.quote_quantity:
        return wanted.quote_quantity
    return product(wanted.price or wanted.stop_price, order.left)
