"""What Binance's market streams carry, as it is on the wire.

Each docstring shows the documented example. What is not read has a default, so that its
disappearance harms nothing; what is not listed here is drift and counted.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

import msgspec

P = TypeVar("P")
N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""
L = TypeVar("L")
"""How the levels of a side are read: as they came, or as values."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Time = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Frame(msgspec.Struct, Generic[P], frozen=True, gc=False):
    """A combined frame: `{"stream":"bnbbtc@trade","data":{…}}`."""

    stream: str
    data: P


class StrictFrame(Frame[P], Generic[P], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Trade(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={
        "type": "e",
        "event_time": "E",
        "symbol": "s",
        "trade_id": "t",
        "price": "p",
        "quantity": "q",
        "trade_time": "T",
        "is_buyer_maker": "m",
        "ignored": "M",
    },
):
    """An execution.

    {"e":"trade","E":1672515782136,"s":"BNBBTC","t":12345,"p":"0.001","q":"100",
    "T":1672515782136,"m":true,"M":true}
    """

    type: Literal["trade"]
    event_time: Time
    symbol: str
    trade_id: Id
    price: N
    quantity: N
    trade_time: Time
    is_buyer_maker: bool
    ignored: bool = True


class StrictTrade(Trade[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class BookTicker(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={
        "update_id": "u",
        "symbol": "s",
        "bid_price": "b",
        "bid_quantity": "B",
        "ask_price": "a",
        "ask_quantity": "A",
    },
):
    """The best bid and ask; it carries no time.

    {"u":400900217,"s":"BNBUSDT","b":"25.35190000","B":"31.21000000","a":"25.36520000",
    "A":"40.66000000"}
    """

    update_id: Id
    symbol: str
    bid_price: N
    bid_quantity: N
    ask_price: N
    ask_quantity: N


class StrictBookTicker(
    BookTicker[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True
):
    """The same, without any field that is not listed."""


class DepthUpdate(
    msgspec.Struct,
    Generic[L],
    frozen=True,
    gc=False,
    rename={
        "type": "e",
        "event_time": "E",
        "symbol": "s",
        "first_update_id": "U",
        "last_update_id": "u",
        "bids": "b",
        "asks": "a",
    },
):
    """Levels that changed; a quantity of 0 removes one.

    {"e":"depthUpdate","E":1672515782136,"s":"BNBBTC","U":157,"u":160,"b":[["0.0024","10"]],
    "a":[["0.0026","100"]]}
    """

    type: Literal["depthUpdate"]
    event_time: Time
    symbol: str
    first_update_id: Id
    last_update_id: Id
    bids: L
    asks: L


class StrictDepthUpdate(
    DepthUpdate[L], Generic[L], frozen=True, gc=False, forbid_unknown_fields=True
):
    """The same, without any field that is not listed."""
