"""What an order must say at Bybit, and how it is said.

Source: https://bybit-exchange.github.io/docs/v5/order/create-order
"""

from __future__ import annotations

from ...messages.enums import OrderType, Side, TimeInForce
from ...messages.errors import ValidationError
from ...messages.orders import OrderTerms
from ..order_terms import (
    Parameters,
    check_amount,
    check_fields,
    check_member,
    known_id,
    new_id,
    written,
)
from .names import symbol_of

_NEEDED: dict[str, tuple[str, ...]] = {
    OrderType.LIMIT: ("quantity", "price"),
    OrderType.LIMIT_MAKER: ("quantity", "price"),
    OrderType.MARKET: (),
}
_OPTIONAL: dict[str, tuple[str, ...]] = {
    OrderType.LIMIT: ("time_in_force",),
    OrderType.LIMIT_MAKER: (),
    OrderType.MARKET: ("quantity", "quote_quantity"),
}
_TYPES = tuple(OrderType(name) for name in _NEEDED)
_SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
_POST_ONLY = "PostOnly"


def terms(request: OrderTerms) -> Parameters:
    """What an order is to be, each number exactly as it was given and without an exponent.

    What a market order's quantity counts is always said: unsaid, that of a purchase is money. Stops,
    which are other orders here, are not placed; nothing is ever borrowed for an order.

    Raises:
        ValidationError: Naming the field that is missing, wrong, or not meant for the type.
    """
    symbol = symbol_of(request.symbol)
    check_member("side", request.side, Side)
    check_member("type", request.type, _TYPES)
    check_fields(request, _NEEDED, _OPTIONAL)
    market = request.type == OrderType.MARKET
    return [
        ("symbol", symbol),
        ("side", _SIDES[Side(request.side)]),
        ("orderType", "Market" if market else "Limit"),
        *(_amount(request) if market else _limit(request)),
        ("orderLinkId", new_id("client_order_id", request.client_order_id)),
    ]


def which(client_order_id: object, order_id: object) -> Parameters:
    """Which order; where both ids are given, Bybit looks at its own only.

    Raises:
        ValidationError: Neither is given, or one cannot be an id.
    """
    parameters: Parameters = []
    if order_id is not None:
        parameters.append(("orderId", known_id("order_id", order_id)))
    if client_order_id is not None:
        parameters.append(("orderLinkId", known_id("client_order_id", client_order_id)))
    if not parameters:
        raise ValidationError("client_order_id", None, "it or order_id must be given")
    return parameters


def _amount(request: OrderTerms) -> Parameters:
    check_amount(request)
    if request.quantity is not None:
        return [("qty", written("quantity", request.quantity)), ("marketUnit", "baseCoin")]
    return [
        ("qty", written("quote_quantity", request.quote_quantity)),
        ("marketUnit", "quoteCoin"),
    ]


def _limit(request: OrderTerms) -> Parameters:
    parameters = [
        ("qty", written("quantity", request.quantity)),
        ("price", written("price", request.price)),
    ]
    if request.type == OrderType.LIMIT_MAKER:
        return [*parameters, ("timeInForce", _POST_ONLY)]
    if request.time_in_force is not None:
        check_member("time_in_force", request.time_in_force, TimeInForce)
        parameters.append(("timeInForce", str(request.time_in_force)))
    return parameters
