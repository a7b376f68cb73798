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
_ZERO = Decimal(0)
_CONTEXT = Context(prec=200, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
"""Our own: what the user's decimal context says must not change what was executed."""


class Known(msgspec.Struct):
    """An order, and how much of it the fills that were told make.

    Attributes:
        before: How much was executed when it became known, of fills that are not to be told.
        since: When that was; -1 where all its fills are to be told.
        missing: How much of it was executed by fills that cannot be had.
        missing_until: When it had been executed that far.
        told_to: The trade id before which all its fills were told, as far as that is known.
    """

    order: Order
    filled: Decimal
    before: Decimal
    since: int
    missing: Decimal = _ZERO
    missing_until: int = -1
    told_to: int = 0

    @property
    def lack(self) -> Decimal:
        """How much of it was executed by fills that are to be told and were not; may be below 0,
        where fills are told before the order that they have changed."""
        executed = _CONTEXT.subtract(self.order.executed_quantity, self.before)
        return _CONTEXT.subtract(executed, _CONTEXT.add(self.filled, self.missing))

    def take(self, fill: Fill) -> None:
        """One more was told."""
        self.filled = _CONTEXT.add(self.filled, fill.quantity)
        if self.missing and fill.trade_time <= self.missing_until:  # it could be had after all
            self.missing = max(_ZERO, _CONTEXT.subtract(self.missing, fill.quantity))
        if not fill.recovered and not self.lack and fill.trade_id.isdecimal():
            self.told_to = max(self.told_to, int(fill.trade_id) + 1)


class AccountView:
    """Orders, fills and balances.

    Args:
        is_final: Whether an order of a status will never change again.
    """

    def __init__(self, is_final: Callable[[str], bool]) -> None:
        self._is_final = is_final
        self._open: dict[str, Known] = {}
        self._closed: OrderedDict[str, Known] = OrderedDict()
        self._lacking: dict[
            str, Known
        ] = {}  # of all these; closed ones stay here until they do not
        self._fills = Seen(_FILLS)
        self._balances: dict[str, Balance] = {}
        self._executed = self._settled = 0  # the last execution told; of when the balances are
        self._expected: OrderedDict[str, None] = OrderedDict()
        self._early: OrderedDict[str, Decimal] = OrderedDict()

    def expect(self, client_order_id: str) -> None:
        """An order of one's own leaves: whatever is executed of it is to be told."""
        self._expected[client_order_id] = None
        if len(self._expected) > CLOSED:
            self._expected.popitem(last=False)

    def open_orders(self) -> tuple[Order, ...]:
        """Those that are believed to be open."""
        return tuple(known.order for known in self._open.values())

    def find(self, symbol: str, order_id: str) -> Order | None:
        """An order as it is known; None for one that is not, or no longer."""
        known = self._find(symbol, order_id)
        return None if known is None else known.order

    def balances(self) -> tuple[Balance, ...]:
        """Those that are known."""
        return tuple(self._balances.values())

    def holding(self, asset: str) -> Decimal | None:
        """What there is of an asset, free and locked.

        None while something was executed of which the balances do not tell yet.
        """
        if self._executed > self._settled:
            return None
        balance = self._balances.get(asset)
        return Decimal(0) if balance is None else _CONTEXT.add(balance.free, balance.locked)

    def order(self, order: Order) -> Order | None:
        """The order, if it is news; None for what is known, or older."""
        if not order.status:
            return None  # an answer that did not say how it is
        known = self._known(order)
        if known is not None and not self._is_later(order, known.order):
            return None
        if order.executed_quantity != (known.order.executed_quantity if known is not None else 0):
            self._executed = max(self._executed, order.update_time)
        if known is None:
            known = self._new(order)
        else:
            known.order = order
        self._keep(known)
        return order

    def fill(self, fill: Fill) -> Fill | None:
        """The fill, if it was not told yet; of a trade with oneself each side is one."""
        if not self._fills.is_new(_fill_key(fill)):
            return None
        self._executed = max(self._executed, fill.trade_time)
        known = self._find(fill.symbol, fill.order_id)
        if known is None:
            self._count_early(fill)
        elif fill.trade_time > known.since:
            known.take(fill)
            self._weigh(known)
        return fill

    def balance(self, balance: Balance) -> Balance | None:
        """The balance, if it is news. Of two answers to questions the second is."""
        self._settled = max(self._settled, balance.update_time)
        known = self._balances.get(balance.asset)
        if known is not None:
            are_answers = balance.recovered and known.recovered
            if balance.update_time < known.update_time and not are_answers:
                return None
            if (balance.free, balance.locked) == (known.free, known.locked):
                return None
        self._balances[balance.asset] = balance
        return balance

    def contradicts(self, balance: Balance) -> bool:
        """Whether an answer to a question said otherwise, as of a later time: either may be older,
        where the exchange tells only when it has answered.
        """
        known = self._balances.get(balance.asset)
        if known is None or not known.recovered or balance.update_time >= known.update_time:
            return False
        return (balance.free, balance.locked) != (known.free, known.locked)

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
        return [known.order for known in self._lacking.values()]

    @property
    def is_lacking(self) -> bool:
        """Whether any order's fills were not all told."""
        return bool(self._lacking)

    def lack(self, order: Order) -> Decimal:
        """How much of an order was executed by fills that are to be told and were not."""
        known = self._known(order)
        return _ZERO if known is None else known.lack

    def completes(self, order: Order, fills: Iterable[Fill]) -> bool:
        """Whether these fills of an order are all that it lacks, those left out that were told."""
        lack = self.lack(order)
        for fill in fills:
            if _fill_key(fill) not in self._fills and not self.is_history(fill):
                lack = _CONTEXT.subtract(lack, fill.quantity)
        return lack <= 0

    def is_history(self, fill: Fill) -> bool:
        """Whether it was executed before its order became known, and is not to be told now."""
        known = self._find(fill.symbol, fill.order_id)
        return known is None or fill.trade_time <= known.since

    def told_to(self, order: Order) -> int:
        """The trade id before which all its fills were told, as far as that is known; 0 at first."""
        known = self._known(order)
        return 0 if known is None else known.told_to

    def all_told(self, order: Order, before: int) -> None:
        """All its fills before this trade id were told."""
        if (known := self._known(order)) is not None:
            known.told_to = max(known.told_to, before)

    def given_up(self, order: Order) -> Decimal:
        """The fills that it lacks cannot be had: they are not asked for again. How much that is."""
        known = self._known(order)
        if known is None or (lack := known.lack) <= 0:
            return _ZERO
        known.missing = _CONTEXT.add(known.missing, lack)
        known.missing_until = known.order.update_time
        self._weigh(known)
        return lack

    def _new(self, order: Order) -> Known:
        is_own = order.client_order_id in self._expected
        self._expected.pop(order.client_order_id, None)
        early = self._early.pop(f"{order.symbol} {order.order_id}", Decimal(0))
        if is_own or not order.executed_quantity:
            return Known(order, early, Decimal(0), since=-1)
        return Known(order, Decimal(0), order.executed_quantity, order.update_time)

    def _count_early(self, fill: Fill) -> None:
        """It came before its order, of which it is to count."""
        key = f"{fill.symbol} {fill.order_id}"
        self._early[key] = _CONTEXT.add(self._early.get(key, Decimal(0)), fill.quantity)
        if len(self._early) > CLOSED:
            self._early.popitem(last=False)

    def _known(self, order: Order) -> Known | None:
        return self._find(order.symbol, order.order_id)

    def _find(self, symbol: str, order_id: str) -> Known | None:
        key = f"{symbol} {order_id}"
        return self._open.get(key) or self._closed.get(key) or self._lacking.get(key)

    def _weigh(self, known: Known) -> None:
        """See whether it lacks fills now."""
        if known.lack > 0:
            self._lacking[_key(known.order)] = known
        else:
            self._lacking.pop(_key(known.order), None)

    def _keep(self, known: Known) -> None:
        order, key = known.order, _key(known.order)
        self._weigh(known)
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


def _key(order: Order) -> str:
    return f"{order.symbol} {order.order_id}"


def _fill_key(fill: Fill) -> str:
    """Of a trade with oneself there are two, of one id."""
    return f"{fill.symbol} {fill.trade_id} {fill.order_id}"
