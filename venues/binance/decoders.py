"""A decoder for each channel: with care for the first frame of a shape, at once for the others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation, getcontext
from typing import Any, Generic, TypeVar

import msgspec

from ...messages.enums import Channel
from ...messages.levels import PriceLevel
from ...messages.market import MarketEvent
from ...messages.streams import Stream
from ..driver import MalformedError, StreamDecoder
from ..numbers import NumberText, SignedNumberText, price_levels, shortened
from ..shapes import DIGITS, BookShapes, Shapes, has_lone_point
from . import translation, wire, wire_statistics

P = TypeVar("P")

Decode = Callable[[bytes], wire.Frame[P]]
Recognise = Callable[[bytes, int], MarketEvent | None]
Translate = Callable[[P, Stream, int], MarketEvent]

_UNREADABLE = (MalformedError, msgspec.MsgspecError, ValueError, RecursionError)
_NO_NUMBER = "Expected `str` matching regex"
_PROBE = 512
_LOOK = 32


def _frames(frame: Any, payload: Any) -> Decode[Any]:
    decode: Decode[Any] = msgspec.json.Decoder(frame[payload]).decode
    return decode


class Reader(Generic[P]):
    """How the frames of one channel are read; shared by all its streams.

    Args:
        strict: The payload without any field that is not listed: with its numbers as texts that
            are looked at, and to be translated.
        tolerant: The same with unknown fields, which are left out.
        translate: From the payload to the event.
    """

    def __init__(
        self, strict: tuple[Any, Any], tolerant: tuple[Any, Any], translate: Translate[P]
    ) -> None:
        self.check, self.decode = (_frames(wire.StrictFrame, payload) for payload in strict)
        self.check_tolerantly, self.decode_tolerantly = (
            _frames(wire.Frame, payload) for payload in tolerant
        )
        self.translate = translate

    def checked(self, frame: bytes, check: Decode[Any], decode: Decode[P]) -> P:
        """The payload of a frame, all its numbers looked at. Raises `MalformedError`."""
        try:
            check(frame)
            return decode(frame).data
        except _UNREADABLE as error:
            reason = shortened(str(error).replace(_NO_NUMBER, "Expected a number"))
        # Raised here, so that no exception holding the frame hangs on it.
        raise MalformedError(reason)


class BookReader(Reader[Any]):
    """The same for a channel with the levels of a book, whose digits stay as they are.

    Args:
        strict: The generic payload without any field that is not listed.
        tolerant: The same with unknown fields.
        translate: From the payload to the event.
    """

    def __init__(self, strict: Any, tolerant: Any, translate: Translate[Any]) -> None:
        super().__init__(
            (strict[msgspec.Raw], strict[msgspec.Raw]),
            (tolerant[msgspec.Raw], tolerant[msgspec.Raw]),
            translate,
        )
        self.decode_levels = _frames(wire.StrictFrame, strict[tuple[PriceLevel, ...]])
        self.sides = dict[bytes, bytes]()

    def checked(self, frame: bytes, check: Decode[Any], decode: Decode[Any]) -> Any:
        """The payload of a frame, all its levels looked at. Raises `MalformedError`."""
        payload = super().checked(frame, check, decode)
        sides = {"bids": price_levels(payload.bids), "asks": price_levels(payload.asks)}
        return msgspec.structs.replace(payload, **sides)


class BinanceDecoder:
    """Turns one stream's frames into events; see `StreamDecoder`."""

    __slots__ = ("_reader", "_recognise", "_shapes", "_stream", "drifted")

    def __init__(self, stream: Stream, reader: Reader[Any]) -> None:
        self.drifted = 0
        self._stream = stream
        self._reader = reader
        self._shapes: Shapes | BookShapes
        self._recognise: Recognise
        if isinstance(reader, BookReader):
            self._shapes = BookShapes(reader.sides)
            self._recognise = _book_recogniser(stream, reader, self._shapes)
        else:
            self._shapes = Shapes()
            self._recognise = _recogniser(stream, reader, self._shapes)

    @property
    def recognise(self) -> Recognise:
        """For frames of a shape that was seen before."""
        return self._recognise

    def decode(self, frame: bytes, received_time: int) -> MarketEvent:
        """The event in a frame read at `received_time` (ns). Raises `MalformedError`."""
        event = self._recognise(frame, received_time)
        if event is not None:
            return event
        check_utf8(frame)
        reader = self._reader
        with contextlib.suppress(MalformedError):
            payload = reader.checked(frame, reader.check, reader.decode)
            event = reader.translate(payload, self._stream, received_time)
            self._shapes.learn(frame)
            return event
        payload = reader.checked(frame, reader.check_tolerantly, reader.decode_tolerantly)
        event = reader.translate(payload, self._stream, received_time)
        self.drifted += 1
        return event


def _recogniser(stream: Stream, reader: Reader[Any], shapes: Shapes) -> Recognise:
    """For numbers; a closure, since it runs for every frame."""
    known, decode, translate = shapes.known, reader.decode, reader.translate

    def recognise(frame: bytes, received_time: int) -> MarketEvent | None:
        # Without the trap, `Decimal` makes a NaN of a text that is no number.
        if frame.translate(None, DIGITS) not in known or not getcontext().traps[InvalidOperation]:
            return None
        try:
            return translate(decode(frame).data, stream, received_time)
        except Exception:  # noqa: BLE001 - whatever it is, `decode` meets it again and tells
            return None

    return recognise


def _book_recogniser(stream: Stream, reader: BookReader, shapes: BookShapes) -> Recognise:
    """For levels: they stay unread, but where both sides are always read they are values at once.

    One event in `_PROBE` is left unread in any case: whether it was read tells of the others. One
    that was read is soon let go of, since values need much more room than digits.
    """
    knows, translate = shapes.knows, reader.translate
    unread, values = reader.decode, reader.decode_levels
    count, are_read = 0, False
    probe: Any = None

    def recognise(frame: bytes, received_time: int) -> MarketEvent | None:
        nonlocal count, are_read, probe
        if not knows(frame):
            return None
        count += 1
        is_probe = count >= _PROBE
        if not count % _LOOK:
            seen = probe  # another thread may let go of it
            if seen is not None and seen.bids.is_read and seen.asks.is_read:
                are_read, probe = True, None
        try:
            if are_read and not is_probe and getcontext().traps[InvalidOperation]:
                return translate(values(frame).data, stream, received_time)
            if has_lone_point(frame):
                return None
            event = translate(unread(frame).data, stream, received_time)
        except Exception:  # noqa: BLE001 - as above
            return None
        if is_probe:
            are_read = are_read and probe is None
            count, probe = 0, event
        return event

    return recognise


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
    Channel.TRADES: Reader(
        (wire.StrictTrade[NumberText], wire.StrictTrade[Decimal]),
        (wire.Trade[NumberText], wire.Trade[Decimal]),
        translation.trade,
    ),
    Channel.BOOK_TICKER: Reader(
        (wire.StrictBookTicker[NumberText], wire.StrictBookTicker[Decimal]),
        (wire.BookTicker[NumberText], wire.BookTicker[Decimal]),
        translation.book_ticker,
    ),
    Channel.ORDER_BOOK_UPDATES: BookReader(
        wire.StrictDepthUpdate, wire.DepthUpdate, translation.order_book_update
    ),
    Channel.TICKER: Reader(
        (
            wire_statistics.StrictTicker[NumberText, SignedNumberText],
            wire_statistics.StrictTicker[Decimal, Decimal],
        ),
        (
            wire_statistics.Ticker[NumberText, SignedNumberText],
            wire_statistics.Ticker[Decimal, Decimal],
        ),
        translation.ticker,
    ),
    Channel.KLINES: Reader(
        (wire_statistics.StrictKline[NumberText], wire_statistics.StrictKline[Decimal]),
        (wire_statistics.Kline[NumberText], wire_statistics.Kline[Decimal]),
        translation.kline,
    ),
}


def decoder(stream: Stream) -> StreamDecoder:
    """A fresh decoder for a stream."""
    return BinanceDecoder(stream, _READERS[stream.channel])
