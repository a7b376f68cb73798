"""What Bybit's answers about orders carry, as it is on the wire.

Each docstring shows the documented example. The private socket has the same orders and executions.

Sources: https://bybit-exchange.github.io/docs/v5/order/open-order, …/order-list, …/execution
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from .bodies import IntegerText

OrderId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Accepted(msgspec.Struct, rename="camel"):
    """{"orderId":"1321003749386327552","orderLinkId":"spot-test-postonly"}: no more than that."""

    order_id: OrderId
    order_link_id: str = ""


class AllAccepted(msgspec.Struct):
    """{"list":[{"orderId":"…","orderLinkId":"…"}],"success":"1"}; 0 is a failure."""

    list: tuple[Accepted, ...]
    success: str = "1"


class Order(msgspec.Struct, rename="camel", frozen=True):
    """An order as it is.

    {"orderId":"fd4300ae-7847-404e-b947-b46980a4d140","orderLinkId":"test-000005",
    "symbol":"ETHUSDT","price":"1600.00","qty":"0.10","side":"Buy","orderStatus":"New",
    "avgPrice":"0","cumExecQty":"0.00","cumExecValue":"0","timeInForce":"GTC",
    "orderType":"Limit","stopOrderType":"UNKNOWN","createdTime":"1684738540559",
    "updatedTime":"1684738540561",…}

    Numbers that there are none of are "". `marketUnit` says what `qty` of a market order counts.
    """

    symbol: str
    order_id: OrderId
    side: str
    order_type: str
    order_status: str
    price: str
    qty: str
    cum_exec_qty: str
    cum_exec_value: str
    time_in_force: str
    updated_time: IntegerText
    order_link_id: str = ""
    avg_price: str = ""
    market_unit: str = ""
    stop_order_type: str = ""
    category: str = ""


class Orders(msgspec.Struct, rename="camel"):
    """{"list":[…],"nextPageCursor":"page_args%3D…","category":"spot"}."""

    list: tuple[Order, ...]
    next_page_cursor: str = ""


class Execution(msgspec.Struct, rename="camel", frozen=True):
    """An execution of an order of the account, or what else changes it.

    {"symbol":"BTCUSDT","orderId":"8c065341-7b52-4ca9-ac2c-37e31ac55c94","orderLinkId":"",
    "side":"Buy","execId":"e0cbe81d-0f18-5866-9415-cf319b5dab3b","execPrice":"1190.15",
    "execQty":"0.1","execType":"Trade","execFee":"0.071409","feeCurrency":"USDT",
    "isMaker":false,"execTime":"1672282722429",…}

    `execFee` is less than 0 where the maker is paid.
    """

    symbol: str
    order_id: OrderId
    side: str
    exec_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    exec_price: str
    exec_qty: str
    exec_time: IntegerText
    exec_type: str
    exec_fee: str = ""
    fee_currency: str = ""
    is_maker: bool = False
    order_link_id: str = ""
    category: str = ""


class Executions(msgspec.Struct, rename="camel"):
    """{"nextPageCursor":"132766%3A2%2C132766%3A2","category":"spot","list":[…]}, newest first."""

    list: tuple[Execution, ...]
    next_page_cursor: str = ""
