"""What the account has, as far as it is known: what is news, and what has been told already.

News come twice and out of order: as the answer to a request, as an event, as what is asked for after
an interruption, and some of these again on another connection. Each change is told once, and an
order never goes back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

import msgspec

from ..messages.account import Balance, Fill, Order
from .sequence import Seen

CLOSED = 10_000
"""So many orders that will never change again are remembered, to know their repetitions."""
_FILLS = 50_000
_CONTEXT = Context(prec=200, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
"""Our own: what the user's decimal context says must not change what was executed."""


class Known(msgspec.Struct):
    """An order, and how much of it the fills that were told make.

    Attributes:
        before: How much was executed when it became known, of fills that are not to be told.
        since: When that was; -1 where all its fills are to be told.
        is_given_up: Whether fills of it cannot be had.
    """

    order: Order
    filled: Decimal
    before: Decimal
    since: int
    is_given_up: bool = False

    @property
    def is_lacking(self) -> bool:
        """Whether fills are to be told that were not."""
        executed = _CONTEXT.subtract(self.order.executed_quantity, self.before)
        return not self.is_given_up and self.filled < executed


class AccountView:
    """Orders, fills and balances.

    Args:
        is_final: Whether an order of a status will never change again.
    """

    def __init__(self, is_final: Callable[[str], bool]) -> None:
        self._is_final = is_final
        self._open: dict[str, Known] = {}
        self._closed: OrderedDict[str, Known] = OrderedDict()
        self._fills = Seen(_FILLS)
        self._balances: dict[str, Balance] = {}
        self._expected: OrderedDict[str, None] = OrderedDict()

    def expect(self, client_order_id: str) -> None:
        """An order of one's own leaves: whatever is executed of it is to be told."""
        self._expected[client_order_id] = None
        if len(self._expected) > CLOSED:
            self._expected.popitem(last=False)

    def open_orders(self) -> tuple[Order, ...]:
        """Those that are believed to be open."""
        return tuple(known.order for known in self._open.values())

    def balances(self) -> tuple[Balance, ...]:
        """Those that are known."""
        return tuple(self._balances.values())

    def order(self, order: Order) -> Order | None:
        """The order, if it is news; None for what is known, or older."""
        if not order.status:
            return None  # an answer that did not say how it is
        known = self._known(order)
        if known is not None and not self._is_later(order, known.order):
            return None
        if known is None:
            known = self._new(order)
        else:
            known.order = order
        self._keep(known)
        return order

    def fill(self, fill: Fill) -> Fill | None:
        """The fill, if it was not told yet; of a trade with oneself each side is one."""
        if not self._fills.is_new(f"{fill.symbol} {fill.trade_id} {fill.order_id}"):
            return None
        known = self._find(fill.symbol, fill.order_id)
        if known is not None and fill.trade_time > known.since:
            known.filled = _CONTEXT.add(known.filled, fill.quantity)
        return fill

    def balance(self, balance: Balance) -> Balance | None:
        """The balance, if it is news."""
        known = self._balances.get(balance.asset)
        if known is not None and (
            balance.update_time < known.update_time
            or (balance.free, balance.locked) == (known.free, known.locked)
        ):
            return None
        self._balances[balance.asset] = balance
        return balance

    def absent(self, balances: Iterable[Balance], time: int) -> list[Balance]:
        """Those of which the account holds nothing any more, where the exchange leaves them out."""
        held = {each.asset for each in balances}
        gone = [each for each in self._balances.values() if each.asset not in held]
        zero = Decimal(0)
        return [
            msgspec.structs.replace(each, free=zero, locked=zero, update_time=time, event_time=time)
            for each in gone
            if (each.free, each.locked) != (zero, zero)
        ]

    def lacking(self) -> list[Order]:
        """Orders whose fills were not all told: those of them that are missing are to be fetched."""
        kept = (*self._open.values(), *self._closed.values())
        return [known.order for known in kept if known.is_lacking]

    def is_history(self, fill: Fill) -> bool:
        """Whether it was executed before its order became known, and is not to be told now."""
        known = self._find(fill.symbol, fill.order_id)
        return known is None or fill.trade_time <= known.since

    def given_up(self, order: Order) -> None:
        """Its fills cannot be had: they are not asked for again."""
        if (known := self._known(order)) is not None:
            known.is_given_up = True

    def _new(self, order: Order) -> Known:
        is_own = order.client_order_id in self._expected
        self._expected.pop(order.client_order_id, None)
        if is_own or not order.executed_quantity:
            return Known(order, Decimal(0), Decimal(0), since=-1)
        return Known(order, Decimal(0), order.executed_quantity, order.update_time)

    def _known(self, order: Order) -> Known | None:
        return self._find(order.symbol, order.order_id)

    def _find(self, symbol: str, order_id: str) -> Known | None:
        key = f"{symbol} {order_id}"
        return self._open.get(key) or self._closed.get(key)

    def _keep(self, known: Known) -> None:
        order = known.order
        key = f"{order.symbol} {order.order_id}"
        if not self._is_final(order.status):
            self._open[key] = known
            return
        self._open.pop(key, None)
        self._closed[key] = known
        if len(self._closed) > CLOSED:
            self._closed.popitem(last=False)

    def _is_later(self, order: Order, known: Order) -> bool:
        if self._is_final(known.status):
            return False
        if order.executed_quantity != known.executed_quantity:
            return order.executed_quantity > known.executed_quantity
        if self._is_final(order.status):
            return True
        if order.update_time != known.update_time:
            return order.update_time > known.update_time
        return order.status != known.status and known.status == ""
