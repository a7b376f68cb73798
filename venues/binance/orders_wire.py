"""What Binance's answers about orders carry, as it is on the wire.

Each docstring shows the documented example. The websocket API has the same in its `result`.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
"""

from __future__ import annotations

import msgspec

from ..numbers import NumberText, SignedNumberText
from .wire import Id, Time


class Fill(msgspec.Struct, rename="camel"):
    """{"price":"4000.00","qty":"1.00","commission":"4.00","commissionAsset":"USDT","tradeId":56}.

    What smart order routing allocated has `"tradeId":-1` and an `allocId`.
    """

    price: NumberText
    qty: NumberText
    commission: NumberText
    commission_asset: str
    trade_id: int
    alloc_id: int | None = None


class Named(msgspec.Struct, rename="camel"):
    """What each of these answers has; all of it, and `transactTime`, is an answer of type ACK.

    {"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"6gCrw2kRUAF9CvJDGP16IP",
    "transactTime":1507725176595}

    Of a cancellation, `clientOrderId` is its own id, and `origClientOrderId` that of the order.
    """

    symbol: str
    order_id: Id
    client_order_id: str
    orig_client_order_id: str = ""
    transact_time: Time | None = None
    update_time: Time | None = None
    time: Time | None = None

    @property
    def own_id(self) -> str:
        """The order's client order id."""
        return self.orig_client_order_id or self.client_order_id


class Placed(Named, rename="camel"):
    """The same, with what an answer of type ACK lacks."""

    status: str = ""


class Order(Named, rename="camel", kw_only=True):
    """The whole: answers of type RESULT and FULL, cancellations and questions.

    {…,"price":"0.1","origQty":"1.0","executedQty":"0.0","cummulativeQuoteQty":"0.0",
    "status":"NEW","timeInForce":"GTC","type":"LIMIT","side":"BUY",…,"fills":[…]}

    `cummulativeQuoteQty` is less than 0 of an old order of which the exchange no longer knows it.
    `icebergQty` is 0 of what is no iceberg, or is left out.
    """

    side: str
    type: str
    status: str
    time_in_force: str
    price: NumberText
    orig_qty: NumberText
    executed_qty: NumberText
    cummulative_quote_qty: SignedNumberText
    iceberg_qty: NumberText = "0"
    fills: tuple[Fill, ...] = ()


class Cancelled(msgspec.Struct, rename="camel"):
    """As much of a cancellation as says whether it was a list of orders that was cancelled.

    {"orderListId":1929,"contingencyType":"OCO",…,"orderReports":[…]}
    """

    order_reports: tuple[Order, ...] | None = None


class Replaced(msgspec.Struct, rename="camel"):
    """{"cancelResult":"SUCCESS","newOrderResult":"SUCCESS","cancelResponse":{…},…}."""

    cancel_result: str
    new_order_result: str
    cancel_response: msgspec.Raw
    new_order_response: msgspec.Raw


class OwnTrade(msgspec.Struct, rename="camel"):
    """{"symbol":"BNBBTC","id":28457,"orderId":100234,"price":"4.0","qty":"12.0",…}."""

    symbol: str
    id: Id
    order_id: Id
    price: NumberText
    qty: NumberText
    commission: NumberText
    commission_asset: str
    time: Time
    is_buyer: bool
    is_maker: bool
