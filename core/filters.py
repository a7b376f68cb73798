"""Prices and quantities, fitted to the rules of a symbol.

Source: https://developers.binance.com/docs/binance-spot-api-docs/filters
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, Context, Decimal, InvalidOperation, Overflow
from typing import Any

from ..messages.account import Order
from ..messages.errors import ValidationError
from ..messages.instruments import LotSize, MinNotional, Notional, PriceFilter, SymbolInfo
from ..messages.orders import OrderTerms
from .filter_rules import FilterCheck, Prices
from .steps import INEXACT

_CONTEXT = Context(
    prec=200,
    rounding=ROUND_DOWN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, Overflow],
)
"""Our own: what the user's decimal context says must not change an order."""
_MOST = Decimal(10) ** 60
_MOST_DECIMALS = 60


def round_to_filters(
    symbol_info: SymbolInfo, price: Decimal, quantity: Decimal
) -> tuple[Decimal, Decimal]:
    """The price and the quantity of a limit order, rounded down to the symbol's steps.

    Bounds of the price, of the quantity and of their product are kept; those that depend on the
    market or the account (`PercentPrice`, counts of orders) are not looked at.

    Args:
        symbol_info: What the exchange says of the symbol.
        price: More than 0; a `Decimal` or an `int`, for a `float` is not what it shows.
        quantity: Likewise.

    Raises:
        ValidationError: A bound cannot be kept; names `price` or `quantity`.
    """
    price = checked_number("price", price)
    quantity = checked_number("quantity", quantity)
    for rule in symbol_info.filters:
        match rule:
            case PriceFilter():
                price = _fitted("price", price, rule.min_price, rule.max_price, rule.tick_size)
            case LotSize() if type(rule) is LotSize:  # a market order's has a type below it
                quantity = _fitted(
                    "quantity", quantity, rule.min_quantity, rule.max_quantity, rule.step_size
                )
            case _:
                pass
    for rule in symbol_info.filters:
        if isinstance(rule, MinNotional | Notional):
            _check_notional(rule, price, quantity)
    return price, quantity


def check_filters(
    symbol_info: SymbolInfo,
    request: OrderTerms,
    *,
    reference_price: Prices | None = None,
    open_orders: Sequence[Order] | None = None,
    holding: Decimal | None = None,
) -> None:
    """Whether an order keeps its symbol's rules, as far as that can be known here.

    What is not refused may still be refused by the exchange, which knows more. Market orders and
    bounds around a reference price are only looked at where that is given.

    Args:
        symbol_info: What the exchange says of the symbol.
        request: The order; changed in nothing.
        reference_price: The exchange's reference price of the symbol. Where it has none: its
            average prices by their minutes, `{5: Decimal("67000.12")}`, 0 for the last price; each
            is compared with the rules that name it.
        open_orders: The account's open orders, of all symbols or of some; for the most there may
            be.
        holding: What the account has of the base asset, free and locked; for the most it may have.

    Raises:
        ValidationError: Names the field; its reason begins with the rule's name, such as
            `LOT_SIZE`, and ends with the nearest value that keeps this rule, if there is one.
    """
    for field in ("quantity", "price", "quote_quantity", "stop_price", "iceberg_quantity"):
        if (value := getattr(request, field)) is not None:
            checked_number(field, value)
    delta: Any = request.trailing_delta
    if delta is not None and (not isinstance(delta, int) or isinstance(delta, bool)):
        raise ValidationError("trailing_delta", delta, "must be a whole number")
    if isinstance(reference_price, Mapping):
        for average in reference_price.values():
            checked_number("reference_price", average)
    elif reference_price is not None:
        reference_price = checked_number("reference_price", reference_price)
    check = FilterCheck(symbol_info, request, reference_price, open_orders, holding)
    try:
        for rule in symbol_info.filters:
            check.check(rule)
    except INEXACT:
        pass
    else:
        return
    raise ValidationError("symbol", symbol_info.symbol, "has a rule with too many digits")


def checked_number(field: str, value: object) -> Decimal:
    """A number to reckon with. Raises `ValidationError` naming the field."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise ValidationError(field, value, "must be a Decimal")
    number = Decimal(value)
    if not number.is_finite() or not 0 < number < _MOST:
        raise ValidationError(field, str(value), "must be finite and more than 0")
    if number.adjusted() < -_MOST_DECIMALS or len(number.as_tuple().digits) > 2 * _MOST_DECIMALS:
        raise ValidationError(field, str(value), "has too many digits")
    return number


def _fitted(field: str, value: Decimal, least: Decimal, most: Decimal, step: Decimal) -> Decimal:
    """Rounded down to whole steps and within its bounds; of these three, 0 is none."""
    fitted = value
    if step:
        fitted = _CONTEXT.multiply(_CONTEXT.divide_int(value, step), step)
    if not fitted:
        raise ValidationError(field, str(value), f"is less than one step of {step:f}")
    if fitted < least:
        raise ValidationError(field, str(value), f"must be {least:f} or more")
    if most and fitted > most:
        raise ValidationError(field, str(value), f"must be {most:f} or less")
    return fitted


def _check_notional(rule: MinNotional | Notional, price: Decimal, quantity: Decimal) -> None:
    notional = _CONTEXT.multiply(price, quantity)
    if notional < rule.min_notional:
        reason = f"price times quantity must be {rule.min_notional:f} or more, is {notional:f}"
        raise ValidationError("quantity", str(quantity), reason)
    most = rule.max_notional if isinstance(rule, Notional) else None
    if most and notional > most:
        reason = f"price times quantity must be {most:f} or less, is {notional:f}"
        raise ValidationError("quantity", str(quantity), reason)
