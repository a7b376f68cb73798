"""Answers about orders, field by field as documented.

Source: rest-api.md "New order", "Cancel order", "Query order", "Account trade list" and
"Conditional fields in Order Responses". Times come in microseconds and are written in a unit.
"""

from __future__ import annotations

from typing import Any

from ..clock import TimeUnit
from ..market.fixed import text
from ..trading.orders import STOPS, Fill, Order, Prevented

Row = dict[str, Any]


def acknowledged(order: Order, unit: TimeUnit) -> Row:
    """A new order, type ACK."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": order.updated_us // unit,
    }


def placed(order: Order, kind: str, unit: TimeUnit) -> Row:
    """A new order in the form that was asked for: ACK, RESULT or FULL."""
    row = acknowledged(order, unit)
    if kind == "ACK":
        return row
    row |= _state(order) | {
        "workingTime": _time(order.working_us, unit),
        "selfTradePreventionMode": order.wanted.prevention,
    }
    row |= _conditional(order, unit)
    if kind == "FULL":
        row["fills"] = [_part(fill) for fill in order.fills]
    return row


def cancelled(order: Order, name: str, unit: TimeUnit) -> Row:
    """An order that was just cancelled; `name` is what the cancellation is called."""
    return {
        "symbol": order.symbol,
        "origClientOrderId": order.client_order_id,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": name,
        "transactTime": order.updated_us // unit,
        **_state(order),
        "selfTradePreventionMode": order.wanted.prevention,
        **_conditional(order, unit),
    }


def queried(order: Order, unit: TimeUnit) -> Row:
    """An order as queries tell it."""
    wanted = order.wanted
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "price": text(wanted.price),
        "origQty": text(order.quantity),
        "executedQty": text(order.executed),
        "cummulativeQuoteQty": text(order.executed_quote),
        "status": order.status,
        "timeInForce": wanted.time_in_force,
        "type": wanted.type,
        "side": wanted.side,
        "stopPrice": text(wanted.stop_price),
        "icebergQty": text(wanted.iceberg),
        "time": order.created_us // unit,
        "updateTime": order.updated_us // unit,
        "isWorking": order.is_working,
        "workingTime": _time(order.working_us, unit),
        "origQuoteOrderQty": text(wanted.quote_quantity),
        "selfTradePreventionMode": wanted.prevention,
        **_strategy(order),
        **_trailing(order, unit),
        **_ends(order),
    }


def traded(fill: Fill, unit: TimeUnit) -> Row:
    """A trade of the account."""
    return {
        "symbol": fill.order.symbol,
        "id": fill.trade_id,
        "orderId": fill.order.order_id,
        "orderListId": -1,
        "price": text(fill.price),
        "qty": text(fill.quantity),
        "quoteQty": text(fill.quote),
        "commission": text(fill.commission),
        "commissionAsset": fill.commission_asset,
        "time": fill.time_us // unit,
        "isBuyer": fill.order.side == "BUY",
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def prevented(match: Prevented, unit: TimeUnit) -> Row:
    """A match with itself that an account did not have."""
    row = {
        "symbol": match.taker.symbol,
        "preventedMatchId": match.match_id,
        "takerOrderId": match.taker.order_id,
        "makerSymbol": match.maker.symbol,
        "makerOrderId": match.maker.order_id,
        "tradeGroupId": match.taker.account.uid,
        "selfTradePreventionMode": match.mode,
        "price": text(match.price),
    }
    if match.taker_quantity:
        row["takerPreventedQuantity"] = text(match.taker_quantity)
    if match.maker_quantity:
        row["makerPreventedQuantity"] = text(match.maker_quantity)
    return row | {"transactTime": match.time_us // unit}


def _state(order: Order) -> Row:
    wanted = order.wanted
    return {
        "price": text(wanted.price),
        "origQty": text(order.quantity),
        "executedQty": text(order.executed),
        "origQuoteOrderQty": text(wanted.quote_quantity),
        "cummulativeQuoteQty": text(order.executed_quote),
        "status": order.status,
        "timeInForce": wanted.time_in_force,
        "type": wanted.type,
        "side": wanted.side,
    }


def _part(fill: Fill) -> Row:
    return {
        "price": text(fill.price),
        "qty": text(fill.quantity),
        "commission": text(fill.commission),
        "commissionAsset": fill.commission_asset,
        "tradeId": fill.trade_id,
    }


def _conditional(order: Order, unit: TimeUnit) -> Row:
    """The fields that only some orders have."""
    wanted, row = order.wanted, Row()
    if wanted.iceberg:
        row["icebergQty"] = text(wanted.iceberg)
    if wanted.type in STOPS:
        row["stopPrice"] = text(wanted.stop_price)
    return row | _strategy(order) | _trailing(order, unit) | _ends(order)


def _strategy(order: Order) -> Row:
    named = {"strategyId": order.wanted.strategy_id, "strategyType": order.wanted.strategy_type}
    return {name: value for name, value in named.items() if value is not None}


def _trailing(order: Order, unit: TimeUnit) -> Row:
    if not order.wanted.trailing_delta:
        return {}
    return {
        "trailingDelta": order.wanted.trailing_delta,
        "trailingTime": _time(order.trailing_us, unit),
    }


def _ends(order: Order) -> Row:
    row = Row()
    if order.prevented:
        row |= {
            "preventedMatchId": order.prevented_match,
            "preventedQuantity": text(order.prevented),
        }
    return row | ({"expiryReason": order.expiry} if order.expiry else {})


def _time(time_us: int, unit: TimeUnit) -> int:
    return time_us // unit if time_us >= 0 else -1
