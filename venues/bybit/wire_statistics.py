"""What Bybit's streams of tickers and candlesticks carry, as it is on the wire.

Each docstring shows the documented example; `wire.py` has the other streams.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/ticker, …/kline
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from .wire import Id, Time

N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""
S = TypeVar("S")
"""The same for those that may be negative."""

Text = str | UnsetType
"""A number as text, or nothing where it has not changed."""


class Day(
    msgspec.Struct,
    Generic[N, S],
    frozen=True,
    gc=False,
    rename={
        "last_price": "lastPrice",
        "high_price": "highPrice24h",
        "low_price": "lowPrice24h",
        "open_price": "prevPrice24h",
        "volume": "volume24h",
        "quote_volume": "turnover24h",
        "change": "price24hPcnt",
        "usd_index_price": "usdIndexPrice",
    },
):
    """The last 24 hours of a spot symbol; `change` is 0.01 for 1 %."""

    symbol: str
    last_price: N
    high_price: N
    low_price: N
    open_price: N
    volume: N
    quote_volume: N
    change: S
    usd_index_price: str = ""


class StrictDay(Day[N, S], Generic[N, S], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class SpotTicker(msgspec.Struct, Generic[N, S], frozen=True, gc=False):
    """Always the whole, without the book.

    {"topic":"tickers.BTCUSDT","ts":1673853746003,"type":"snapshot","cs":2588407389,"data":{
    "symbol":"BTCUSDT","lastPrice":"21109.77","highPrice24h":"21426.99","lowPrice24h":"20575",
    "prevPrice24h":"20704.93","volume24h":"6780.866843","turnover24h":"141946527.22907118",
    "price24hPcnt":"0.0196","usdIndexPrice":"21120.2400136"}}
    """

    topic: str
    type: Literal["snapshot"]
    ts: Time
    data: Day[N, S]
    cs: int = 0


class StrictSpotTicker(
    SpotTicker[N, S], Generic[N, S], frozen=True, gc=False, forbid_unknown_fields=True
):
    """The same, without any field that is not listed."""

    data: StrictDay[N, S]


class Changes(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "last_price": "lastPrice",
        "bid_price": "bid1Price",
        "bid_quantity": "bid1Size",
        "ask_price": "ask1Price",
        "ask_quantity": "ask1Size",
        "high_price": "highPrice24h",
        "low_price": "lowPrice24h",
        "open_price": "prevPrice24h",
        "volume": "volume24h",
        "quote_volume": "turnover24h",
        "change": "price24hPcnt",
    },
):
    """What has changed of a linear symbol's last 24 hours."""

    symbol: str
    last_price: Text = UNSET
    bid_price: Text = UNSET
    bid_quantity: Text = UNSET
    ask_price: Text = UNSET
    ask_quantity: Text = UNSET
    high_price: Text = UNSET
    low_price: Text = UNSET
    open_price: Text = UNSET
    volume: Text = UNSET
    quote_volume: Text = UNSET
    change: Text = UNSET


class StrictChanges(Changes, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """The same with what is not read, without any field that is not listed."""

    tick_direction: str = ""
    prev_price1h: str = msgspec.field(default="", name="prevPrice1h")
    mark_price: str = ""
    index_price: str = ""
    open_interest: str = ""
    open_interest_value: str = ""
    single_open_interest: str = ""
    single_open_interest_value: str = ""
    next_funding_time: str = ""
    funding_rate: str = ""
    funding_interval_hour: str = ""
    funding_cap: str = ""
    delivery_time: str = ""
    basis_rate: str = ""
    basis_rate_year: str = ""
    delivery_fee_rate: str = ""
    predicted_delivery_price: str = ""
    pre_open_price: str = ""
    pre_qty: str = ""
    cur_pre_listing_phase: str = ""


class LinearTicker(msgspec.Struct, frozen=True, gc=False):
    """The whole once, then what has changed: "if a response param is not found in the message, then
    its value has not changed".

    {"topic":"tickers.DOGEUSDT","type":"delta","data":{"symbol":"DOGEUSDT","ask1Price":"0.07054",
    "ask1Size":"15919"},"cs":340051122706,"ts":1786310819234}

    Attributes:
        cs: The cross sequence, which only grows.
    """

    topic: str
    type: Literal["snapshot", "delta"]
    ts: Time
    data: Changes
    cs: Id = 0


class StrictLinearTicker(LinearTicker, frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    data: StrictChanges


class Candle(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={
        "open_time": "start",
        "close_time": "end",
        "open_price": "open",
        "close_price": "close",
        "high_price": "high",
        "low_price": "low",
        "quote_volume": "turnover",
        "is_closed": "confirm",
        "time": "timestamp",
    },
):
    """A candlestick as it is now; `time` is when its last order was matched."""

    open_time: Time
    close_time: Time
    interval: str
    open_price: N
    close_price: N
    high_price: N
    low_price: N
    volume: N
    quote_volume: N
    is_closed: bool
    time: Time


class StrictCandle(Candle[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Klines(msgspec.Struct, Generic[N], frozen=True, gc=False):
    """A candlestick; two where one has ended and the next one begun. Only the topic has the symbol.

    {"topic":"kline.5.BTCUSDT","data":[{"start":1672324800000,"end":1672325099999,"interval":"5",
    "open":"16649.5","close":"16677","high":"16677","low":"16608","volume":"2.081",
    "turnover":"34666.4005","confirm":false,"timestamp":1672324988882}],"ts":1672324988882,
    "type":"snapshot"}
    """

    topic: str
    type: Literal["snapshot"]
    ts: Time
    data: tuple[Candle[N], ...]


class StrictKlines(Klines[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    data: tuple[StrictCandle[N], ...]
