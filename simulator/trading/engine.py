"""The matching engine of one symbol: orders of accounts against each other and the market."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ..market.events import Trade
from ..market.fixed import ONE
from ..market.guests import First, Guests
from ..market.lines import Stand
from .accounts import Account
from .checks import UNKNOWN, admit, can_pay, crosses, for_quote
from .customs import Customs
from .ledger import Ledger
from .orders import BOOK_SIDE, OTHER_SIDE, POST_ONLY, STOPS, Fill, Order, RejectedError, Wanted
from .prevention import Prevention
from .reports import Reports
from .stops import is_triggered

FOK, IOC = "FOK", "IOC"
NO_FUNDS = "INSUFFICIENT_FUNDS"
EXPIRIES = {
    "MARKET": "INSUFFICIENT_LIQUIDITY",
    IOC: "UNFILLED_IOC_QUANTITY_EXPIRED",
    FOK: "UNFILLED_FOK_ORDER_EXPIRED",
    POST_ONLY: "WOULD_TAKE",
}


class Engine:
    """Places, matches, triggers and cancels the orders of one symbol; times in microseconds.

    Args:
        guests: the market, as far as accounts trade there.
        ids: of the orders.
        ledger: who owns what.
        reports: where it tells what happens.
        customs: what differs between exchanges.
    """

    def __init__(
        self,
        guests: Guests,
        ids: Iterator[int],
        ledger: Ledger,
        reports: Reports,
        customs: Customs,
    ) -> None:
        self.guests = guests
        self.listing = guests.market.listing
        self._ids = ids
        self._customs = customs
        self._ledger = ledger
        self._reports = reports
        self._prevention = Prevention(reports)
        self._waiting: dict[Order, None] = {}
        self._prices: deque[int] = deque()

    @property
    def is_concerned(self) -> bool:
        """Whether a step of the market may have done anything to orders of accounts."""
        return bool(self._waiting or self.guests.market.hits)

    def place(self, account: Account, wanted: Wanted, now_us: int) -> Order:
        """Take up an order, and let it trade.

        Raises:
            RejectedError: if it may not come into being; then nothing has happened.
        """
        quantity = admit(account, wanted, self.guests, self._customs)
        now_us = self.guests.moment(now_us)
        order = Order(account, wanted, next(self._ids), quantity, now_us, now_us)
        order.last_price = self.guests.last_price
        waits = wanted.type in STOPS
        order.working_us = -1 if waits else now_us
        account.add(order)
        self._ledger.bind(order, self.listing)
        self._reports.execution("NEW", order, now_us)
        self._tell_balances(order, now_us)
        if waits:
            self._waiting[order] = None
        else:
            self._work(order, now_us)
            self._trigger(now_us)
        return order

    def cancel(self, order: Order, name: str, now_us: int) -> None:
        """Cancel an order; `name` is what the cancellation is called.

        Raises:
            RejectedError: if the order trades no more.
        """
        if not order.is_open:
            raise RejectedError(UNKNOWN)
        now_us = self.guests.moment(now_us)
        self._end(order, "CANCELED")
        self._reports.execution("CANCELED", order, now_us, name=name)
        self._tell_balances(order, now_us)

    def stepped(self, trades: list[Trade]) -> None:
        """The market has made a step, with these trades, some of which took orders of accounts."""
        hits, self.guests.market.hits = self.guests.market.hits, []
        for hit in hits:
            if isinstance(hit.owner, Order):
                fill = self._traded(hit.owner, hit.trade, is_maker=True)
                self._ledger.against_market(fill, self.listing)
        if self._waiting and trades:
            self._prices.extend(trade.price for trade in trades)
            self._trigger(trades[-1].time_us)

    def _work(self, order: Order, now_us: int) -> None:
        """Let an order trade, and then rest or expire."""
        force = order.wanted.time_in_force if order.has_limit else "MARKET"
        if self._may_take(order, force):
            self._take(order, now_us)
        if not order.is_open:
            return
        rests = force in ("GTC", "") or (force == POST_ONLY and not self._would_take(order))
        if order.left and rests and order.has_limit:
            self._rest(order)
        else:
            self._expire(order, EXPIRIES[force], now_us)
        self.guests.restock()

    def _may_take(self, order: Order, force: str) -> bool:
        """Whether an order trades with what is there."""
        if force == FOK:
            return self._is_enough(order)
        return force != POST_ONLY

    def _would_take(self, order: Order) -> bool:
        first = self.guests.first(OTHER_SIDE[order.side])
        return first is not None and crosses(order.wanted, first.price)

    def _take(self, order: Order, now_us: int) -> None:
        side = OTHER_SIDE[order.side]
        while order.is_open and (first := self.guests.first(side)) is not None:
            if not order.accepts(first.price):
                break
            owner = first.owner if isinstance(first.owner, Order) else None
            if owner is not None and self._prevented(order, owner, first, now_us):
                continue
            quantity = min(first.quantity, self._affordable(order, first.price))
            if not quantity:
                break
            trade = self.guests.hit(side, quantity, now_us)
            self._prices.append(trade.price)
            fill = self._traded(order, trade, is_maker=False)
            if owner is None:
                self._ledger.against_market(fill, self.listing)
            else:
                self._traded(owner, trade, is_maker=True)
        self.guests.taken()
        self.guests.restock()

    def _affordable(self, order: Order, price: int) -> int:
        """What is left of an order, or as much of it as an order without a limit can pay for."""
        if order.has_limit or order.side == "SELL":
            return order.left
        step = self.listing.step
        most = order.account.free(self.listing.quote) * ONE // price // step * step
        return min(order.left, most)

    def _prevented(self, order: Order, owner: Order, first: First, now_us: int) -> bool:
        """Whether a match was not to be, since both orders are one account's."""
        ended = self._prevention.of(order, owner, first.price, now_us)
        for one in ended:
            self._end(one, "EXPIRED_IN_MATCH")
            self._prevention.tell(one, now_us)
            self._tell_balances(one, now_us)
        return bool(ended)

    def _is_enough(self, order: Order) -> bool:
        """Whether all of an order can be filled at once."""
        prevents = order.wanted.prevention != "NONE"

        def own(owner: object) -> bool:
            return prevents and isinstance(owner, Order) and owner.account is order.account

        levels = self.guests.levels(OTHER_SIDE[order.side], order.wanted.price, own)
        return sum(shown for _, shown in levels) >= order.left

    def _traded(self, order: Order, trade: Trade, *, is_maker: bool) -> Fill:
        order.status = "FILLED" if order.left == trade.quantity else "PARTIALLY_FILLED"
        fill = self._ledger.settle(order, trade, self.listing, is_maker=is_maker)
        if not order.is_open:
            self._close(order)
        self._reports.execution("TRADE", order, trade.time_us, fill=fill)
        self._tell_balances(order, trade.time_us)
        return fill

    def _rest(self, order: Order) -> None:
        shown = min(order.wanted.iceberg or order.left, order.left)
        order.stand = Stand(shown, order, order.left - shown, order.wanted.iceberg)
        self.guests.join(BOOK_SIDE[order.side], order.wanted.price, order.stand)

    def _expire(self, order: Order, why: str, now_us: int) -> None:
        order.expiry = why
        self._end(order, "EXPIRED")
        self._reports.execution("EXPIRED", order, now_us)
        self._tell_balances(order, now_us)

    def _end(self, order: Order, status: str) -> None:
        """Let an order trade no more, and set free what it bound."""
        if order.stand is not None:
            self.guests.leave(BOOK_SIDE[order.side], order.wanted.price, order.stand)
        order.status = status
        self._close(order)
        self._ledger.bind(order, self.listing)

    def _close(self, order: Order) -> None:
        order.stand = None
        self._waiting.pop(order, None)
        order.account.open.pop((order.symbol, order.order_id), None)

    def _trigger(self, now_us: int) -> None:
        """Let the orders go whose stop was met by the newest trades, and by those that follow."""
        while self._prices:
            price = self._prices.popleft()
            for order in [one for one in self._waiting if is_triggered(one, price, now_us)]:
                if order in self._waiting:
                    del self._waiting[order]
                    self._let_go(order, now_us)

    def _let_go(self, order: Order, now_us: int) -> None:
        """Let an order trade whose stop was met, if it can be paid."""
        wanted, order.working_us = order.wanted, now_us
        if wanted.quote_quantity:  # the book has changed since it came
            order.quantity = for_quote(wanted, self.guests)
        if not order.has_limit:
            self._ledger.bind(order, self.listing)
        self._reports.execution("NEW", order, now_us)
        asks_now = wanted.binds_late or wanted.quote_quantity
        if asks_now and not can_pay(order.account, wanted, order.quantity, self.guests):
            self._expire(order, NO_FUNDS, now_us)
            return
        self._ledger.bind(order, self.listing)
        if wanted.binds_late:
            self._tell_balances(order, now_us)
        self._work(order, now_us)

    def _tell_balances(self, order: Order, now_us: int) -> None:
        self._reports.balances(order.account, self.listing, now_us)
