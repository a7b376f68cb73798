"""Orders and executions, field by field as documented, for REST and the private topics.

Source: order/open-order.mdx, order/order-list.mdx, order/execution.mdx,
websocket/private/order.mdx, websocket/private/execution.mdx, enum.mdx. Of an order that is over
nothing is left (`leavesQty`), as in the documentation's example of a cancelled one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..market.fixed import ONE, product
from ..trading.engine import EXPIRIES, FOK, IOC, NO_FUNDS
from ..trading.orders import POST_ONLY, STOPS, Fill, Order
from ..trading.stops import waits_for_rise
from .numbers import stripped

Row = dict[str, Any]
SIDES = {"BUY": "Buy", "SELL": "Sell"}
REASONS = {
    EXPIRIES["MARKET"]: "EC_NoImmediateQtyToFill",
    EXPIRIES[IOC]: "EC_NoImmediateQtyToFill",
    EXPIRIES[FOK]: "EC_CancelForNoFullFill",
    EXPIRIES[POST_ONLY]: "EC_PostOnlyWillTakeLiquidity",
    NO_FUNDS: "EC_Others",
}
"""Why an order that nobody cancelled ended; the documentation has the words, not all their cases."""


def filter_of(order: Order) -> str:
    """The `orderFilter` under which it was placed."""
    if order.wanted.type not in STOPS:
        return "Order"
    return "StopOrder" if order.wanted.binds_late else "tpslOrder"


def status(order: Order) -> str:
    """The `orderStatus`.

    An order by value that leaves something over that buys no lot is `PartiallyFilledCanceled`, as
    clients have met it.
    """
    waits = order.wanted.type in STOPS and not order.is_working
    if order.status in ("NEW", "PARTIALLY_FILLED"):
        if waits:
            return "Untriggered"
        return "New" if order.status == "NEW" else "PartiallyFilled"
    if order.status == "FILLED":
        return "PartiallyFilledCanceled" if _leaves_value(order) else "Filled"
    if waits:
        return "Deactivated"
    return "PartiallyFilledCanceled" if order.executed else "Cancelled"


def queried(order: Order) -> Row:
    """A row of `order/realtime` or `order/history`."""
    wanted = order.wanted
    fees = _fees(order)
    stops = wanted.type in STOPS
    return {
        "orderId": str(order.order_id),
        "orderLinkId": order.client_order_id,
        "blockTradeId": "",
        "symbol": order.symbol,
        "price": stripped(wanted.price),
        "qty": _quantity(order),
        "side": SIDES[order.side],
        "isLeverage": "0",
        "positionIdx": 0,
        "orderStatus": status(order),
        "cancelType": "CancelByUser" if order.status == "CANCELED" else "UNKNOWN",
        "rejectReason": _reason(order),
        "avgPrice": _average(order),
        "leavesQty": stripped(order.left if order.is_open else 0),
        "leavesValue": stripped(_value_left(order)),
        "cumExecQty": stripped(order.executed),
        "cumExecValue": stripped(order.executed_quote),
        "cumExecFee": stripped(sum(fees.values())),
        "timeInForce": _time_in_force(order),
        "orderType": _type(order),
        "stopOrderType": {"StopOrder": "Stop", "tpslOrder": "tpslOrder"}.get(filter_of(order), ""),
        "orderIv": "",
        "marketUnit": _market_unit(order),
        "triggerPrice": stripped(wanted.stop_price) if stops else "",
        "takeProfit": "",
        "stopLoss": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": (1 if waits_for_rise(wanted.type, order.side) else 2) if stops else 0,
        "triggerBy": "",
        "lastPriceOnCreated": "",
        "basePrice": stripped(order.last_price),
        "reduceOnly": False,
        "closeOnTrigger": False,
        "ocoTriggerBy": "OcoTriggerByUnknown",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "placeType": "",
        "slippageToleranceType": "UNKNOWN",
        "slippageTolerance": "",
        "createdTime": str(order.created_us // 1_000),
        "updatedTime": str(order.updated_us // 1_000),
        "extraFees": "",
        "cumFeeDetail": {coin: stripped(amount) for coin, amount in fees.items()},
        "rpiTakerAccess": False,
        "rpiMatchedQty": "0",
    }


def told(order: Order) -> Row:
    """A row of the topic `order`."""
    row = queried(order)
    del row["basePrice"], row["extraFees"]
    currency = order.fills[-1].commission_asset if order.fills else ""
    return {"category": "spot", **row, "closedPnl": "0", "feeCurrency": currency}


def traded(fill: Fill, seq: int) -> Row:
    """A row of `execution/list`."""
    order = fill.order
    account = order.account
    rate = account.maker_rate if fill.is_maker else account.taker_rate
    return {
        "symbol": order.symbol,
        "orderType": _type(order),
        "underlyingPrice": "",
        "orderLinkId": order.client_order_id,
        "side": SIDES[order.side],
        "indexPrice": "",
        "orderId": str(order.order_id),
        "stopOrderType": "UNKNOWN" if filter_of(order) == "Order" else filter_of(order),
        "leavesQty": stripped(_left_after(fill)),
        "execTime": str(fill.time_us // 1_000),
        "feeCurrency": fill.commission_asset,
        "isMaker": fill.is_maker,
        "execFee": stripped(fill.commission),
        "feeRate": stripped(rate),
        "execId": str(fill.trade_id),
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": "",
        "execPrice": stripped(fill.price),
        "markIv": "",
        "orderQty": _quantity(order),
        "orderPrice": stripped(order.wanted.price),
        "execValue": stripped(fill.quote),
        "execType": "Trade",
        "execQty": stripped(fill.quantity),
        "closedSize": "",
        "extraFees": "",
        "seq": seq,
    }


def executed(fill: Fill, seq: int) -> Row:
    """A row of the topic `execution`."""
    more = {"isLeverage": "0", "marketUnit": _market_unit(fill.order), "execPnl": "0"}
    return {"category": "spot", **traded(fill, seq), **more}


def _type(order: Order) -> str:
    return "Limit" if order.has_limit else "Market"


def _time_in_force(order: Order) -> str:
    force = order.wanted.time_in_force
    return "PostOnly" if force == POST_ONLY else force


def _quantity(order: Order) -> str:
    """What was asked for: of the base coin, or its value."""
    return stripped(order.wanted.quote_quantity or order.quantity)


def _market_unit(order: Order) -> str:
    if order.has_limit:
        return ""
    return "quoteCoin" if order.wanted.quote_quantity else "baseCoin"


def _leaves_value(order: Order) -> bool:
    return order.executed_quote < order.wanted.quote_quantity


def _value_left(order: Order) -> int:
    wanted = order.wanted
    if not order.is_open:
        return 0
    if wanted.quote_quantity:
        return wanted.quote_quantity - order.executed_quote
    return product(wanted.price or wanted.stop_price, order.left)


def _reason(order: Order) -> str:
    if order.status == "CANCELED":
        return "EC_PerCancelRequest"
    if order.status == "FILLED" and _leaves_value(order):
        return "EC_CancelByOrderValueZero"
    return REASONS.get(order.expiry, "EC_NoError")


def _average(order: Order) -> str:
    return stripped(order.executed_quote * ONE // order.executed) if order.executed else ""


def _fees(order: Order) -> Counter[str]:
    fees: Counter[str] = Counter()
    for fill in order.fills:
        fees[fill.commission_asset] += fill.commission
    return fees


def _left_after(fill: Fill) -> int:
    """What its order had still to trade after a trade."""
    order, left = fill.order, fill.order.quantity
    for one in order.fills:
        left -= one.quantity
        if one is fill:
            break
    return left
