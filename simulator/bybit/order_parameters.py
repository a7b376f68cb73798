"""The parameters of new orders, read.

Source: order/create-order.mdx, and error.mdx "Spot Trade" for the codes. What changes an order and
is not modelled here (margin, attached take profit and stop loss, slippage tolerance, prevention of
self-trades, RPI) is refused rather than passed over.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from ..market.fixed import parse
from ..trading.orders import POST_ONLY, Side, Wanted
from .errors import ApiError, bad_parameter
from .parameters import Query

SIDES: dict[str, Side] = {"Buy": "BUY", "Sell": "SELL"}
FORCES = {"GTC": "GTC", "IOC": "IOC", "FOK": "FOK", "PostOnly": POST_ONLY}
FILTERS = ("Order", "tpslOrder", "StopOrder")
UNITS = ("baseCoin", "quoteCoin")
NAME = re.compile(r"[A-Za-z0-9_-]{1,36}")
AMOUNT = re.compile(r"([0-9]{1,18})(?:\.([0-9]*))?")
DECIMALS = 8
NOT_MODELLED = {
    "isLeverage": ("0", "false"),
    "takeProfit": ("0",),
    "stopLoss": ("0",),
    "tpLimitPrice": ("0",),
    "slLimitPrice": ("0",),
    "slippageToleranceType": ("UNKNOWN",),
    "slippageTolerance": (),
    "smpType": ("None",),
    "rpiTakerAccess": ("false",),
}
"""Parameters, and the values of each that ask for nothing."""


def spot_only(body: Query) -> None:
    """Raise `ApiError` for an order that is not one of spot."""
    category = body.get("category", "")
    if category in ("linear", "inverse", "option"):
        raise ApiError(110066, "Trading is currently not allowed.")
    if category != "spot":
        raise bad_parameter("category invalid")


def symbol_of(body: Query, listed: Collection[str]) -> str:
    """The `symbol` of an order; 170121 unless it is listed."""
    symbol = body.get("symbol", "")
    if not symbol:
        raise bad_parameter("symbol is required")
    if symbol not in listed:
        raise ApiError(170121, "Invalid symbol.")
    return symbol


def filter_in(body: Query) -> str:
    """The `orderFilter`, which is `Order` where none is sent; 170201 for one that is none."""
    kind = body.get("orderFilter", "Order")
    if kind not in FILTERS:
        raise ApiError(170201, "Invalid orderFilter parameter")
    return kind


def wanted_order(body: Query, symbol: str, last_price: int) -> Wanted:
    """The order that is asked for; a trigger above the last price waits for a rise, else a fall."""
    for name, harmless in NOT_MODELLED.items():
        if body.get(name, harmless[0] if harmless else "") not in (*harmless, ""):
            raise ApiError(170227, "This feature is not supported.")
    side = _side(body)
    is_limit = _is_limit(body)
    by_value = not is_limit and _unit(body, side) == "quoteCoin"
    quantity = amount(body, "qty", ApiError(170137, "Order volume decimal too long"))
    trigger = _trigger(body)
    return Wanted(
        symbol=symbol,
        side=side,
        type=_type(is_limit, side, trigger, last_price),
        client_order_id=_name(body),
        time_in_force=_force(body) if is_limit else "IOC",
        price=amount(body, "price", _too_fine()) if is_limit else 0,
        quantity=0 if by_value else quantity,
        quote_quantity=quantity if by_value else 0,
        stop_price=trigger,
        binds_late=trigger > 0 and filter_in(body) != "tpslOrder",
    )


def amount(body: Query, name: str, too_fine: ApiError) -> int:
    """A price or quantity in units of 1e-8; raises `too_fine` for one of more decimals."""
    sent = body.get(name, "")
    if not sent:
        raise bad_parameter(f"{name} is required")
    match = AMOUNT.fullmatch(sent)
    if match is None:
        raise ApiError(170130, f"Data sent for paramter '{name}' is not valid.")
    if len((match[2] or "").rstrip("0")) > DECIMALS:
        raise too_fine
    return parse(sent)


def _too_fine() -> ApiError:
    return ApiError(170134, "Order price decimal too long.")


def _side(body: Query) -> Side:
    side = SIDES.get(body.get("side", ""))
    if side is None:
        raise ApiError(170117, "Invalid side.")
    return side


def _is_limit(body: Query) -> bool:
    kind = body.get("orderType", "")
    if kind not in ("Limit", "Market"):
        raise ApiError(170116, "Invalid orderType.")
    return kind == "Limit"


def _unit(body: Query, side: Side) -> str:
    """What `qty` counts in a market order: where nothing is said a purchase goes by value."""
    unit = body.get("marketUnit", "quoteCoin" if side == "BUY" else "baseCoin")
    if unit not in UNITS:
        raise bad_parameter("marketUnit invalid")
    return unit


def _force(body: Query) -> str:
    sent = body.get("timeInForce", "GTC")
    if sent == "RPI":
        raise ApiError(170355, "RPI orders are restricted to approved market makers only")
    if sent not in FORCES:
        raise ApiError(170115, "Invalid timeInForce.")
    return FORCES[sent]


def _trigger(body: Query) -> int:
    """The trigger price, 0 if there is none; one alone makes an order a conditional one."""
    if "triggerPrice" in body:
        trigger = amount(body, "triggerPrice", _too_fine())
        if trigger:
            return trigger
    if filter_in(body) != "Order":
        raise ApiError(170202, "Please enter the TP/SL price.")
    return 0


def _type(is_limit: bool, side: Side, trigger: int, last_price: int) -> str:
    """The engine's name of it, which says where the trigger is met from."""
    if not trigger:
        return "LIMIT" if is_limit else "MARKET"
    rises = trigger > last_price
    kind = "STOP_LOSS" if rises == (side == "BUY") else "TAKE_PROFIT"
    return f"{kind}_LIMIT" if is_limit else kind


def _name(body: Query) -> str:
    name = body.get("orderLinkId", "")
    if name and NAME.fullmatch(name) is None:
        raise bad_parameter("orderLinkId invalid")
    return name
