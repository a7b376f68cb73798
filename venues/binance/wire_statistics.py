"""What Binance's streams of tickers and candlesticks carry, as it is on the wire.

Each docstring shows the documented example; `wire.py` has the other streams.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

from .wire import Id, Time

N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""
S = TypeVar("S")
"""The same for those that may be negative."""


class Ticker(
    msgspec.Struct,
    Generic[N, S],
    frozen=True,
    gc=False,
    rename={
        "type": "e",
        "event_time": "E",
        "symbol": "s",
        "last_price": "c",
        "last_quantity": "Q",
        "bid_price": "b",
        "bid_quantity": "B",
        "ask_price": "a",
        "ask_quantity": "A",
        "open_price": "o",
        "high_price": "h",
        "low_price": "l",
        "volume": "v",
        "quote_volume": "q",
        "price_change": "p",
        "price_change_percent": "P",
        "average_price": "w",
        "previous_close": "x",
        "open_time": "O",
        "close_time": "C",
        "first_trade_id": "F",
        "last_trade_id": "L",
        "trade_count": "n",
    },
):
    """Statistics of the last 24 hours; the first trade's id is -1 where there was none.

    {"e":"24hrTicker","E":1672515782136,"s":"BNBBTC","p":"0.0015","P":"250.00","w":"0.0018",
    "x":"0.0009","c":"0.0025","Q":"10","b":"0.0024","B":"10","a":"0.0026","A":"100","o":"0.0010",
    "h":"0.0025","l":"0.0010","v":"10000","q":"18","O":0,"C":86400000,"F":0,"L":18150,"n":18151}
    """

    type: Literal["24hrTicker"]
    event_time: Time
    symbol: str
    last_price: N
    last_quantity: N
    bid_price: N
    bid_quantity: N
    ask_price: N
    ask_quantity: N
    open_price: N
    high_price: N
    low_price: N
    volume: N
    quote_volume: N
    price_change: S
    price_change_percent: S
    average_price: str = ""
    previous_close: str = ""
    open_time: int = 0
    close_time: int = 0
    first_trade_id: int = 0
    last_trade_id: int = 0
    trade_count: int = 0


class StrictTicker(Ticker[N, S], Generic[N, S], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Candle(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={
        "open_time": "t",
        "close_time": "T",
        "symbol": "s",
        "interval": "i",
        "open_price": "o",
        "high_price": "h",
        "low_price": "l",
        "close_price": "c",
        "volume": "v",
        "quote_volume": "q",
        "trade_count": "n",
        "is_closed": "x",
        "first_trade_id": "f",
        "last_trade_id": "L",
        "taker_volume": "V",
        "taker_quote_volume": "Q",
        "ignored": "B",
    },
):
    """The candlestick within `Kline`."""

    open_time: Time
    close_time: Time
    symbol: str
    interval: str
    open_price: N
    high_price: N
    low_price: N
    close_price: N
    volume: N
    quote_volume: N
    trade_count: Id
    is_closed: bool
    first_trade_id: int = 0
    last_trade_id: int = 0
    taker_volume: str = ""
    taker_quote_volume: str = ""
    ignored: str = ""


class StrictCandle(Candle[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Kline(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={"type": "e", "event_time": "E", "symbol": "s", "candle": "k"},
):
    """A candlestick as it is now.

    {"e":"kline","E":1672515782136,"s":"BNBBTC","k":{"t":1672515780000,"T":1672515839999,
    "s":"BNBBTC","i":"1m","f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015",
    "v":"1000","n":100,"x":false,"q":"1.0000","V":"500","Q":"0.500","B":"123456"}}
    """

    type: Literal["kline"]
    event_time: Time
    symbol: str
    candle: Candle[N]


class StrictKline(Kline[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    candle: StrictCandle[N]
