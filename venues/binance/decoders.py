"""How the frames of each of Binance's channels are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ...messages.enums import Channel
from ...messages.levels import PriceLevel
from ...messages.streams import Stream
from ..decoding import FrameDecoder
from ..driver import StreamDecoder
from ..numbers import NumberText, SignedNumberText
from ..readers import BookReader, Reader
from . import translation
from .wire import (
    BookTicker,
    DepthUpdate,
    Frame,
    StrictBookTicker,
    StrictDepthUpdate,
    StrictFrame,
    StrictTrade,
    Trade,
)
from .wire_statistics import Kline, StrictKline, StrictTicker, Ticker

_READERS: dict[Channel, Reader[Any]] = {
    Channel.TRADES: Reader(
        (StrictFrame[StrictTrade[NumberText]], StrictFrame[StrictTrade[Decimal]]),
        (Frame[Trade[NumberText]], Frame[Trade[Decimal]]),
        translation.trade,
    ),
    Channel.BOOK_TICKER: Reader(
        (StrictFrame[StrictBookTicker[NumberText]], StrictFrame[StrictBookTicker[Decimal]]),
        (Frame[BookTicker[NumberText]], Frame[BookTicker[Decimal]]),
        translation.book_ticker,
    ),
    Channel.ORDER_BOOK_UPDATES: BookReader(
        (
            StrictFrame[StrictDepthUpdate[msgspec.Raw]],
            StrictFrame[StrictDepthUpdate[tuple[PriceLevel, ...]]],
        ),
        Frame[DepthUpdate[msgspec.Raw]],
        translation.order_book_update,
    ),
    Channel.TICKER: Reader(
        (
            StrictFrame[StrictTicker[NumberText, SignedNumberText]],
            StrictFrame[StrictTicker[Decimal, Decimal]],
        ),
        (Frame[Ticker[NumberText, SignedNumberText]], Frame[Ticker[Decimal, Decimal]]),
        translation.ticker,
    ),
    Channel.KLINES: Reader(
        (StrictFrame[StrictKline[NumberText]], StrictFrame[StrictKline[Decimal]]),
        (Frame[Kline[NumberText]], Frame[Kline[Decimal]]),
        translation.kline,
    ),
}


def decoder(stream: Stream) -> StreamDecoder:
    """A fresh decoder for a stream."""
    return FrameDecoder(stream, _READERS[stream.channel])
