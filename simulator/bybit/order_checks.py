"""What is checked of an order before the engine sees it.

Source: market/instrument.mdx, whose very rows are checked (`minOrderQty`, `maxOrderQty` and
`maxOrderAmt` are not, as it says); create-order.mdx "Open orders up limit"; error.mdx. How far
from the market a price may be is not documented in numbers: here a purchase may be dearer than the
last price, and a sale cheaper, by `priceLimitRatioY`.
"""

from __future__ import annotations

from typing import Any

from ..market.fixed import ONE, parse, product
from ..trading.accounts import Account
from ..trading.orders import LIMITS, POST_ONLY, STOPS, Wanted
from .errors import ApiError
from .instruments import Instrument, row
from .numbers import stripped
from .order_rows import filter_of

MOST_OPEN = 500
MOST_WAITING = 30  # of a symbol and a kind


def check(wanted: Wanted, account: Account, last_price: int) -> None:
    """Raise `ApiError` for the first rule that an order breaks."""
    told = row(Instrument.of("spot", wanted.symbol), 0)
    lots, ticks = told["lotSizeFilter"], told["priceFilter"]
    _check_prices(wanted, parse(ticks["tickSize"]))
    _check_quantity(wanted, lots)
    _check_size(wanted, lots, last_price)
    _check_value(wanted, parse(lots["minOrderAmt"]), last_price)
    _check_distance(wanted, parse(told["riskParameters"]["priceLimitRatioY"]), last_price)
    _check_open(wanted, account)


def _check_prices(wanted: Wanted, tick: int) -> None:
    if wanted.type in LIMITS and wanted.price < tick:
        raise ApiError(170133, "Order price lower than the minimum.")
    if wanted.price % tick or wanted.stop_price % tick:
        raise ApiError(170134, "Order price decimal too long.")


def _check_quantity(wanted: Wanted, lots: dict[str, Any]) -> None:
    if not wanted.quantity and not wanted.quote_quantity:
        raise ApiError(170136, "Order quantity lower than the minimum.")
    if wanted.quantity % parse(lots["basePrecision"]):
        raise ApiError(170137, "Order volume decimal too long")
    if wanted.quote_quantity % parse(lots["quotePrecision"]):
        raise ApiError(170148, "Market order amount decimal too long")


def _check_size(wanted: Wanted, lots: dict[str, Any], last_price: int) -> None:
    """So much at once; a market order by value counts as what it buys at the last price."""
    quantity = wanted.quantity or wanted.quote_quantity * ONE // last_price
    if wanted.type not in LIMITS:
        name, code = "maxMarketOrderQty", 170382
    elif wanted.time_in_force == POST_ONLY:
        name, code = "postOnlyMaxLimitOrderSize", 170381
    else:
        name, code = "maxLimitOrderQty", 170381
    if quantity > parse(lots[name]):
        raise ApiError(code, "Order quantity too large.")


def _check_value(wanted: Wanted, least: int, last_price: int) -> None:
    price = wanted.price or wanted.stop_price or last_price
    if (wanted.quote_quantity or product(price, wanted.quantity)) < least:
        raise ApiError(170140, "Order value exceeded lower limit")


def _check_distance(wanted: Wanted, ratio: int, last_price: int) -> None:
    if not wanted.price or wanted.stop_price:
        return
    away = product(last_price, ratio)
    dearest, cheapest = last_price + away, last_price - away
    if wanted.side == "BUY" and wanted.price > dearest:
        told = stripped(dearest)
        raise ApiError(170193, f"Buy order price cannot be higher than {told}.")
    if wanted.side == "SELL" and wanted.price < cheapest:
        told = stripped(cheapest)
        raise ApiError(170194, f"Sell order price cannot be lower than {told}.")


def _check_open(wanted: Wanted, account: Account) -> None:
    """500 in all; of those that wait 30 of a kind on a symbol."""
    too_many = ApiError(
        170810, "Cannot exceed maximum of 500 conditional, TP/SL and active orders."
    )
    if len(account.open) >= MOST_OPEN:
        raise too_many
    if wanted.type in STOPS:
        kind = "StopOrder" if wanted.binds_late else "tpslOrder"
        waiting = sum(
            order.symbol == wanted.symbol and not order.is_working and filter_of(order) == kind
            for order in account.open.values()
        )
        if waiting >= MOST_WAITING:
            raise too_many
