"""Market data as events.

Prices and quantities are `Decimal`s with exactly the digits that the exchange sent; instants are
`int` nanoseconds since the Unix epoch. `event_time` is the exchange's clock, or the time of
receipt where it sends none; `received_time` is this machine's clock when the frame was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from .enums import Side
from .levels import PriceLevel


class BaseEvent(msgspec.Struct, frozen=True, tag_field="type", tag=True):
    """What every event has.

    Attributes:
        exchange: The exchange's lower-case name.
    """

    exchange: str


class MarketEvent(BaseEvent, frozen=True, gc=False):
    """What every market event has."""

    symbol: str
    event_time: int
    received_time: int


class Ticker(MarketEvent, frozen=True, gc=False):
    """Statistics of the last 24 hours, rolling; None where the exchange sends none."""

    last_price: Decimal
    last_quantity: Decimal | None = None
    bid_price: Decimal | None = None
    bid_quantity: Decimal | None = None
    ask_price: Decimal | None = None
    ask_quantity: Decimal | None = None
    open_price: Decimal | None = None
    high_price: Decimal | None = None
    low_price: Decimal | None = None
    volume: Decimal | None = None
    quote_volume: Decimal | None = None
    price_change: Decimal | None = None
    price_change_percent: Decimal | None = None


class Trade(MarketEvent, frozen=True, gc=False):
    """One execution.

    Attributes:
        taker_side: The side of the order that took liquidity.
        recovered: Whether it was fetched afterwards, not received live.
    """

    trade_id: str
    price: Decimal
    quantity: Decimal
    taker_side: Side
    trade_time: int
    recovered: bool = False


class BookTicker(MarketEvent, frozen=True, gc=False):
    """The best bid and the best ask."""

    update_id: int
    bid_price: Decimal
    bid_quantity: Decimal
    ask_price: Decimal
    ask_quantity: Decimal


class Kline(MarketEvent, frozen=True, gc=False):
    """A candlestick, growing until `is_closed`; `trade_count` is None where none is sent."""

    interval: str
    open_time: int
    close_time: int
    open_price: Decimal
    high_price: Decimal
    low_price: Decimal
    close_price: Decimal
    volume: Decimal
    quote_volume: Decimal
    trade_count: int | None
    is_closed: bool
    recovered: bool = False


class OrderBook(MarketEvent, frozen=True, gc=False):
    """A state that the exchange's book really had, at `update_id`; best levels first."""

    update_id: int
    bids: Sequence[PriceLevel]
    asks: Sequence[PriceLevel]


class OrderBookUpdate(MarketEvent, frozen=True, gc=False):
    """Changed levels, as the exchange sent them; a quantity of 0 removes the level."""

    first_update_id: int
    last_update_id: int
    bids: Sequence[PriceLevel]
    asks: Sequence[PriceLevel]
    is_snapshot: bool = False


class StreamGap(MarketEvent, frozen=True, gc=False):
    """Events of a channel were missed; the channel's next event starts afresh.

    Trades and candles that were missed are fetched where that is possible, and come behind it, with
    `recovered` set; of those that could not be had a further gap tells (`GapReason.UNRECOVERED`).

    Attributes:
        channel: A `Channel`.
        reason: A `GapReason`.
        first_missed_id: The first id that is missing, None where unknown.
        last_missed_id: The last id that is missing, None where unknown.
        missed: How many ids that makes, None where unknown.
    """

    channel: str
    reason: str
    first_missed_id: int | None = None
    last_missed_id: int | None = None
    missed: int | None = None
