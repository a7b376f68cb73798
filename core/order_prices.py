"""May an order leave, by the market's price as it was known some time ago?

Some rules are about the market's price, which changes while an order is looked at. By an old price
an order may leave, and is not refused: one that looks wrong by it is looked at again by a new one.
Where there is none to be had, it leaves.

Source of the rules: binance-spot-api-docs, filters.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum, StrEnum

import msgspec

from ..messages.account import Order
from ..messages.enums import OrderType
from ..messages.errors import ValidationError
from ..messages.instruments import (
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    SymbolInfo,
)
from ..messages.orders import OrderTerms
from .filter_rules import Prices
from .filters import check_filters, checked_number

NEW = 1.0
"""Seconds for which a price is new: an order may be refused by it."""
AGED = 10.0
"""Seconds after which an order still leaves by it, and a new one is asked for meanwhile."""
OLD = 60.0
"""Seconds after which an order waits for a new one."""


class Kind(StrEnum):
    """What there is to ask for."""

    REFERENCE = "reference"
    """What the exchange measures by, where a symbol has it."""
    AVERAGE = "average"
    LAST = "last"


class Priced(msgspec.Struct, frozen=True):
    """What was said of a symbol's price.

    Attributes:
        asked: When it was asked for, monotonic seconds: it is no older.
        kinds: What was asked for.
        prices: What to measure by; None where that could not be had.
    """

    asked: float
    kinds: frozenset[Kind]
    prices: Prices | None


def usable(price: Decimal | None) -> Decimal | None:
    """A price that the exchange has told; None for one that nothing can be measured by."""
    try:
        return None if price is None else checked_number("price", price)
    except ValidationError:
        return None


class Verdict(Enum):
    """What becomes of an order that is not refused."""

    LEAVES = "leaves"
    LEAVES_AGED = "leaves, and a new price is asked for"
    WAITS = "waits for a new price"


def kinds_for(order: OrderTerms, symbol: SymbolInfo | None) -> frozenset[Kind]:
    """What there is to ask for an order; none where no rule of its symbol looks at the price.

    Of an unknown symbol it is what symbols usually need.
    """
    if symbol is None:
        may_need = order.price is not None or _is_by_quantity(order)
        return frozenset((Kind.REFERENCE, Kind.AVERAGE)) if may_need else frozenset()
    averages = set(_averages(order, symbol))
    if not averages:
        return frozenset()
    kinds = {Kind.REFERENCE}
    if 0 in averages:
        kinds.add(Kind.LAST)
    if averages - {0, None}:
        kinds.add(Kind.AVERAGE)
    return frozenset(kinds)


def judge(
    symbol: SymbolInfo,
    order: OrderTerms,
    priced: Priced | None,
    *,
    came: float,
    now: float,
    open_orders: Sequence[Order] | None = None,
    holding: Decimal | None = None,
) -> Verdict:
    """Whether an order that `came` then may leave `now` (monotonic seconds).

    Args:
        priced: What is known of the market's price; None where it was not asked for.
        open_orders: As for `check_filters`.
        holding: Likewise.

    Raises:
        ValidationError: It may not, and that is certain.
    """
    prices = None if priced is None else priced.prices
    is_new = priced is not None and (priced.asked >= came or now - priced.asked <= NEW)
    kinds = kinds_for(order, symbol)
    try:
        check_filters(
            symbol, order, reference_price=prices, open_orders=open_orders, holding=holding
        )
    except ValidationError:
        if is_new or prices is None or not kinds:
            raise
        # Does it keep all rules that are not about the price? Then it is not refused yet.
        check_filters(symbol, order, open_orders=open_orders, holding=holding)
        return Verdict.WAITS
    if not kinds:
        return Verdict.LEAVES
    if priced is None or not (kinds <= priced.kinds or isinstance(prices, Decimal)):
        return Verdict.WAITS
    age = 0.0 if priced.asked >= came else now - priced.asked
    if age > OLD:
        return Verdict.WAITS
    return Verdict.LEAVES_AGED if age > AGED else Verdict.LEAVES


def _averages(order: OrderTerms, symbol: SymbolInfo) -> Iterable[int | None]:
    """Of how many minutes the averages are that rules compare the order with."""
    is_market = _is_by_quantity(order)
    for rule in symbol.filters:
        match rule:
            case PercentPrice() | PercentPriceBySide():
                if order.price is not None:
                    yield rule.average_minutes
            case MinNotional():
                if is_market and rule.apply_to_market:
                    yield rule.average_minutes
            case Notional():
                if is_market and (rule.apply_min_to_market or rule.apply_max_to_market):
                    yield rule.average_minutes
            case _:
                pass


def _is_by_quantity(order: OrderTerms) -> bool:
    """Whether only the market says what it is worth."""
    is_market = order.type == OrderType.MARKET
    return is_market and order.quantity is not None and order.quote_quantity is None
