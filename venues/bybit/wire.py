"""What Bybit's market streams carry, as it is on the wire.

Each docstring shows the documented example. What is not read has a default, so that its
disappearance harms nothing; what is not listed here is drift and counted. The order of the fields
differs from market to market.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/trade, …/orderbook
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

import msgspec

N = TypeVar("N")
"""How numbers are read: as text that is looked at, or as `Decimal`."""
L = TypeVar("L")
"""How the levels of a side are read: as they came, or as values."""

Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Time = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""Milliseconds."""
TradeId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Execution(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "trade_time": "T",
        "symbol": "s",
        "taker_side": "S",
        "quantity": "v",
        "price": "p",
        "trade_id": "i",
        "tick_direction": "L",
        "is_block_trade": "BT",
        "is_rpi_trade": "RPI",
    },
):
    """One trade; its id is a number on spot, and a UUID on linear."""

    trade_time: Time
    symbol: str
    taker_side: Literal["Buy", "Sell"]
    quantity: str
    price: str
    trade_id: TradeId
    tick_direction: str = ""
    is_block_trade: bool = False
    is_rpi_trade: bool = False
    seq: int = 0


class StrictExecution(Execution, frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Trades(msgspec.Struct, frozen=True, gc=False):
    """Up to 1024 trades, in the order in which they were matched.

    {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,
    "s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","L":"PlusTick",
    "i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"seq":1783284617}]}
    """

    topic: str
    type: Literal["snapshot"]
    ts: Time
    data: tuple[Execution, ...]


class StrictTrades(Trades, frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    data: tuple[StrictExecution, ...]


class Top(
    msgspec.Struct,
    Generic[N],
    frozen=True,
    gc=False,
    rename={"symbol": "s", "bids": "b", "asks": "a", "update_id": "u"},
):
    """The best level of each side, if it has one."""

    symbol: str
    bids: Annotated[tuple[tuple[N, N], ...], msgspec.Meta(max_length=1)]
    asks: Annotated[tuple[tuple[N, N], ...], msgspec.Meta(max_length=1)]
    update_id: Id
    seq: int = 0


class StrictTop(Top[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class BookTicker(msgspec.Struct, Generic[N], frozen=True, gc=False):
    """The topic `orderbook.1`, which only has snapshots; an unchanged one comes after 3 seconds.

    {"topic":"orderbook.1.BANDUSDT","type":"snapshot","ts":1749833474773,"data":{"s":"BANDUSDT",
    "b":[["0.6131","17.9"]],"a":[["0.6134","35.4"]],"u":24042997,"seq":209972815373},
    "cts":1749833474768}

    Attributes:
        cts: When the matching engine made it; `ts` is when it was sent.
    """

    topic: str
    type: Literal["snapshot"]
    ts: Time
    data: Top[N]
    cts: Time | None = None


class StrictBookTicker(
    BookTicker[N], Generic[N], frozen=True, gc=False, forbid_unknown_fields=True
):
    """The same, without any field that is not listed."""

    data: StrictTop[N]


class Sides(
    msgspec.Struct,
    Generic[L],
    frozen=True,
    gc=False,
    rename={"symbol": "s", "bids": "b", "asks": "a", "update_id": "u"},
):
    """Levels; of a delta those that changed, where a quantity of 0 removes one."""

    symbol: str
    bids: L
    asks: L
    update_id: Id
    seq: int = 0


class StrictSides(Sides[L], Generic[L], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""


class Book(msgspec.Struct, Generic[L], frozen=True, gc=False):
    """The topics `orderbook.50`, `.200` and `.1000`: a snapshot, then deltas.

    {"topic":"orderbook.50.BTCUSDT","type":"delta","ts":1687940967466,"data":{"s":"BTCUSDT",
    "b":[["30247.20","30.028"]],"a":[["30248.70","0"]],"u":177400507,"seq":66544703342},
    "cts":1687940967464}
    """

    topic: str
    type: Literal["snapshot", "delta"]
    ts: Time
    data: Sides[L]
    cts: Time | None = None


class StrictBook(Book[L], Generic[L], frozen=True, gc=False, forbid_unknown_fields=True):
    """The same, without any field that is not listed."""

    data: StrictSides[L]
