"""A decoder for each channel: one typed pass over a frame, then the strict look at its numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from ...messages.enums import Channel
from ...messages.market import MarketEvent
from ...messages.streams import Stream
from ..driver import MalformedError, StreamDecoder
from ..numbers import shortened
from . import translation, wire, wire_statistics

P = TypeVar("P")

Decode = Callable[[bytes], wire.Frame[P]]
Translate = Callable[[P, Stream, int], MarketEvent]

_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


class Reader(Generic[P]):
    """How the frames of one channel are read; shared by all its streams.

    Args:
        known: The payload's type, without any field that is not listed.
        tolerant: The same with unknown fields, which are left out.
        translate: From the payload to the event.
    """

    def __init__(self, known: type[P], tolerant: type[P], translate: Translate[P]) -> None:
        self.decode: Decode[P] = _frames(wire.StrictFrame, known)
        self.decode_tolerantly: Decode[P] = _frames(wire.Frame, tolerant)
        self.translate = translate


class BinanceDecoder(Generic[P]):
    """Turns one stream's frames into events; see `StreamDecoder`."""

    __slots__ = ("_decode", "_decode_tolerantly", "_stream", "_translate", "drifted")

    def __init__(self, stream: Stream, reader: Reader[P]) -> None:
        self.drifted = 0
        self._stream = stream
        self._decode = reader.decode
        self._decode_tolerantly = reader.decode_tolerantly
        self._translate = reader.translate

    def decode(self, frame: bytes, received_time: int) -> MarketEvent:
        """The event in a frame read at `received_time` (ns). Raises `MalformedError`."""
        if not frame.isascii():
            check_utf8(frame)
        try:
            payload = self._decode(frame).data
        except _UNREADABLE:
            payload = None
        if payload is not None:
            return self._translate(payload, self._stream, received_time)
        event = self._translate(self._tolerate(frame), self._stream, received_time)
        self.drifted += 1
        return event

    def _tolerate(self, frame: bytes) -> P:
        try:
            return self._decode_tolerantly(frame).data
        except _UNREADABLE as error:
            reason = shortened(str(error))
        # Raised here, so that no exception holding the frame hangs on it.
        raise MalformedError(reason)


def _frames(frame: Any, payload: type[P]) -> Decode[P]:
    decode: Decode[P] = msgspec.json.Decoder(frame[payload]).decode
    return decode


def check_utf8(data: bytes) -> None:
    """Raise `MalformedError` unless all of it is UTF-8: msgspec looks only at what it decodes."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        reason = f"no UTF-8 at byte {error.start}"
    else:
        return
    raise MalformedError(reason)


_READERS: dict[Channel, Reader[Any]] = {
    Channel.TRADES: Reader(wire.StrictTrade, wire.Trade, translation.trade),
    Channel.BOOK_TICKER: Reader(wire.StrictBookTicker, wire.BookTicker, translation.book_ticker),
    Channel.ORDER_BOOK: Reader(wire.StrictPartialDepth, wire.PartialDepth, translation.order_book),
    Channel.ORDER_BOOK_UPDATES: Reader(
        wire.StrictDepthUpdate, wire.DepthUpdate, translation.order_book_update
    ),
    Channel.TICKER: Reader(
        wire_statistics.StrictTicker, wire_statistics.Ticker, translation.ticker
    ),
    Channel.KLINES: Reader(wire_statistics.StrictKline, wire_statistics.Kline, translation.kline),
}


def decoder(stream: Stream) -> StreamDecoder:
    """A fresh decoder for a stream."""
    return BinanceDecoder(stream, _READERS[stream.channel])
