"""How the frames of each of Bybit's channels are read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from ...messages.enums import Channel
from ...messages.levels import PriceLevel
from ...messages.streams import Stream
from ..decoding import FrameDecoder
from ..driver import StreamDecoder
from ..numbers import NumberText, SignedNumberText
from ..readers import BookReader, ListReader, Reader
from . import translation, wire
from .cumulative import CumulativeTickerDecoder
from .names import LINEAR
from .wire_statistics import Klines, SpotTicker, StrictKlines, StrictSpotTicker

_READERS: dict[Channel, Reader[Any]] = {
    Channel.TRADES: ListReader(wire.StrictTrades, wire.Trades, translation.trades),
    Channel.BOOK_TICKER: Reader(
        (wire.StrictBookTicker[NumberText], wire.StrictBookTicker[Decimal]),
        (wire.BookTicker[NumberText], wire.BookTicker[Decimal]),
        translation.book_ticker,
    ),
    Channel.ORDER_BOOK_UPDATES: BookReader(
        (wire.StrictBook[msgspec.Raw], wire.StrictBook[tuple[PriceLevel, ...]]),
        wire.Book[msgspec.Raw],
        translation.order_book_update,
    ),
    Channel.TICKER: Reader(
        (StrictSpotTicker[NumberText, SignedNumberText], StrictSpotTicker[Decimal, Decimal]),
        (SpotTicker[NumberText, SignedNumberText], SpotTicker[Decimal, Decimal]),
        translation.spot_ticker,
    ),
    Channel.KLINES: Reader(
        (StrictKlines[NumberText], StrictKlines[Decimal]),
        (Klines[NumberText], Klines[Decimal]),
        translation.klines,
    ),
}


def decoder(stream: Stream) -> StreamDecoder:
    """A fresh decoder for a stream of the spot market."""
    return FrameDecoder(stream, _READERS[stream.channel])


def linear_decoder(stream: Stream) -> StreamDecoder:
    """The same for the linear market, whose tickers say only what has changed."""
    if stream.channel is Channel.TICKER:
        return CumulativeTickerDecoder(stream)
    return decoder(stream)


def decoder_of(market: str) -> Callable[[Stream], StreamDecoder]:
    """What makes a market's decoders."""
    return linear_decoder if market == LINEAR else decoder
