"""The parameters of orders, and which of them each type needs or must not have.

Source: rest-api.md "New order (TRADE)", the tables of parameters; errors.md for the refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ..market.fixed import parse
from ..trading.orders import Side, Wanted
from .errors import bad_combination, bad_request, missing, missing_both, not_required, rejected
from .parameters import NUMBER, SYMBOL_REQUIRED, Parameter, Query, one_of

DECIMAL = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
CLIENT_ORDER_ID = r"^[a-zA-Z0-9-_]{1,36}$"
DECIMALS = 8
LEAST_STRATEGY_TYPE = 1_000_000
TYPES = (
    *("LIMIT", "LIMIT_MAKER", "MARKET"),
    *("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"),
)
AMOUNTS = ("quantity", "price", "stopPrice", "icebergQty", "quoteOrderQty")
STOP = ("stopPrice", "trailingDelta")
NEEDED = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "LIMIT_MAKER": ("quantity", "price"),
    "MARKET": (),
    "STOP_LOSS": ("quantity",),
    "TAKE_PROFIT": ("quantity",),
    "STOP_LOSS_LIMIT": ("timeInForce", "quantity", "price"),
    "TAKE_PROFIT_LIMIT": ("timeInForce", "quantity", "price"),
}
UNFIT = {
    "LIMIT": ("quoteOrderQty", *STOP),
    "LIMIT_MAKER": ("timeInForce", "quoteOrderQty", *STOP),
    "MARKET": ("timeInForce", "price", "icebergQty", *STOP),
    "STOP_LOSS": ("timeInForce", "price", "icebergQty", "quoteOrderQty"),
    "TAKE_PROFIT": ("timeInForce", "price", "icebergQty", "quoteOrderQty"),
    "STOP_LOSS_LIMIT": ("quoteOrderQty",),
    "TAKE_PROFIT_LIMIT": ("quoteOrderQty",),
}
FULL_BY_DEFAULT = ("LIMIT", "MARKET")
PEGS = ("pegPriceType", "pegOffsetType", "pegOffsetValue")


def _precise(name: str) -> Callable[[str], object]:
    """A `verify` for amounts: -1111 for more decimals than assets have."""

    def verify(value: str) -> None:
        if len(value.partition(".")[2]) > DECIMALS:
            raise bad_request(-1111, f"Parameter '{name}' has too much precision.")

    return verify


def _strategy_type(value: str) -> None:
    if int(value) < LEAST_STRATEGY_TYPE:
        raise bad_request(-1134, "`strategyType` was less than 1000000.")


def _choice(name: str, values: tuple[str, ...], code: int, message: str) -> Parameter:
    return Parameter(name, verify=one_of(values, code, message))


SIDE = Parameter("side", required=True, verify=one_of(("BUY", "SELL"), -1117, "Invalid side."))
TYPE = Parameter("type", required=True, verify=one_of(TYPES, -1116, "Invalid orderType."))
FORCE = _choice("timeInForce", ("GTC", "IOC", "FOK"), -1115, "Invalid timeInForce.")
RESPONSE = _choice(
    "newOrderRespType",
    ("ACK", "RESULT", "FULL"),
    -1130,
    "Data sent for parameter 'newOrderRespType' is not valid.",
)
PREVENTION = _choice(
    "selfTradePreventionMode",
    ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH"),
    -1130,
    "Data sent for parameter 'selfTradePreventionMode' is not valid.",
)
RESTRICTIONS = _choice(
    "cancelRestrictions",
    ("ONLY_NEW", "ONLY_PARTIALLY_FILLED"),
    -1145,
    "Invalid cancelRestrictions",
)
NEW_NAME = Parameter("newClientOrderId", CLIENT_ORDER_ID)
ORDER_ID = Parameter("orderId", NUMBER)
ORIGINAL = Parameter("origClientOrderId", CLIENT_ORDER_ID)
NEW_ORDER = (
    SYMBOL_REQUIRED,
    SIDE,
    TYPE,
    FORCE,
    *(Parameter(name, DECIMAL, verify=_precise(name)) for name in AMOUNTS),
    NEW_NAME,
    Parameter("strategyId", NUMBER),
    Parameter("strategyType", NUMBER, verify=_strategy_type),
    Parameter("trailingDelta", NUMBER),
    RESPONSE,
    PREVENTION,
    *(Parameter(name) for name in PEGS),
)
QUERY_ORDER = (SYMBOL_REQUIRED, ORDER_ID, ORIGINAL)
CANCEL_ORDER = (*QUERY_ORDER, NEW_NAME, RESTRICTIONS)
CANCEL_REPLACE = (
    *NEW_ORDER,
    Parameter(
        "cancelReplaceMode",
        required=True,
        verify=one_of(
            ("STOP_ON_FAILURE", "ALLOW_FAILURE"),
            -1130,
            "Data sent for parameter 'cancelReplaceMode' is not valid.",
        ),
    ),
    Parameter("cancelNewClientOrderId", CLIENT_ORDER_ID),
    Parameter("cancelOrigClientOrderId", CLIENT_ORDER_ID),
    Parameter("cancelOrderId", NUMBER),
    RESTRICTIONS,
    _choice(
        "orderRateLimitExceededMode",
        ("DO_NOTHING", "CANCEL_ONLY"),
        -1130,
        "Data sent for parameter 'orderRateLimitExceededMode' is not valid.",
    ),
)


def wanted_order(query: Query, name: str, prevention: str) -> Wanted:
    """The order that the parameters ask for.

    Args:
        query: each parameter right by itself.
        name: its client order id, where none was sent.
        prevention: how it prevents self-trades, where that was not sent.

    Raises:
        ApiError: if the parameters do not go together.
    """
    kind = query["type"]
    _check_together(kind, query)
    amounts = {one: parse(query[one]) for one in AMOUNTS if one in query}
    strategy_id, strategy_type = query.get("strategyId"), query.get("strategyType")
    return Wanted(
        symbol=query["symbol"],
        side=cast(Side, query["side"]),
        type=kind,
        client_order_id=query.get("newClientOrderId", name),
        time_in_force=query.get("timeInForce", "GTC"),
        price=amounts.get("price", 0),
        quantity=amounts.get("quantity", 0),
        quote_quantity=amounts.get("quoteOrderQty", 0),
        stop_price=amounts.get("stopPrice", 0),
        trailing_delta=int(query.get("trailingDelta", 0)),
        iceberg=amounts.get("icebergQty", 0),
        prevention=query.get("selfTradePreventionMode", prevention),
        strategy_id=None if strategy_id is None else int(strategy_id),
        strategy_type=None if strategy_type is None else int(strategy_type),
    )


def response_type(query: Query) -> str:
    """How much of the new order is answered."""
    usual = "FULL" if query["type"] in FULL_BY_DEFAULT else "ACK"
    return query.get("newOrderRespType", usual)


def _check_together(kind: str, query: Query) -> None:
    if any(name in query for name in PEGS):
        raise rejected("Pegged orders are not supported for this symbol.")
    for name in NEEDED[kind]:
        if name not in query:
            raise missing(name)
    for name in UNFIT[kind]:
        if name in query:
            raise not_required(name)
    if kind == "MARKET":
        if "quantity" not in query and "quoteOrderQty" not in query:
            raise missing_both("quantity", "quoteOrderQty")
        if "quantity" in query and "quoteOrderQty" in query:
            raise bad_combination()
    if kind.startswith(("STOP", "TAKE")) and not any(name in query for name in STOP):
        raise missing_both(*STOP)
    _check_iceberg(query)


def _check_iceberg(query: Query) -> None:
    if "icebergQty" not in query:
        return
    if query.get("timeInForce", "GTC") != "GTC":
        raise bad_request(-1014, "Unsupported order combination.")
    if parse(query["icebergQty"]) > parse(query["quantity"]):
        raise rejected("IcebergQty exceeds QTY.")
