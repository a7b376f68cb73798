"""Frames into events: with care for the first frame of a shape, at once for the others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from decimal import InvalidOperation, getcontext
from typing import Any

from ..messages.market import MarketEvent
from ..messages.streams import Stream
from .driver import Decoded, MalformedError
from .readers import BookReader, ListReader, Reader, check_utf8
from .shapes import DIGITS, BookShapes, Shapes, has_lone_point

Recognise = Callable[[bytes, int], MarketEvent | None]
Learn = Callable[[bytes], None]

_PROBE = 512
_LOOK = 32


class FrameDecoder:
    """Turns one stream's frames into events; see `StreamDecoder`."""

    __slots__ = ("_learn", "_reader", "_recognise", "_stream", "drifted")

    def __init__(self, stream: Stream, reader: Reader[Any]) -> None:
        self.drifted = 0
        self._stream = stream
        self._reader = reader
        self._recognise: Recognise
        self._learn: Learn | None
        if isinstance(reader, BookReader):
            sides = BookShapes(reader.sides)
            self._recognise, self._learn = _book_recogniser(stream, reader, sides), sides.learn
        elif isinstance(reader, ListReader):
            self._recognise, self._learn = _list_recogniser(stream, reader), None
        else:
            shapes = Shapes()
            self._recognise, self._learn = _recogniser(stream, reader, shapes), shapes.learn

    @property
    def recognise(self) -> Recognise:
        """For frames of a shape that was seen before."""
        return self._recognise

    def decode(self, frame: bytes, received_time: int) -> Decoded:
        """What is in a frame read at `received_time` (ns). Raises `MalformedError`."""
        event = self._recognise(frame, received_time)
        if event is not None:
            return event
        check_utf8(frame)
        reader = self._reader
        with contextlib.suppress(MalformedError):
            content = reader.checked(frame, reader.check, reader.decode)
            decoded = reader.translate(content, self._stream, received_time)
            # What is recognised is one event: a shape with several has to stay unknown.
            if self._learn is not None and not isinstance(decoded, tuple):
                self._learn(frame)
            return decoded
        content = reader.checked(frame, reader.check_tolerantly, reader.decode_tolerantly)
        decoded = reader.translate(content, self._stream, received_time)
        self.drifted += 1
        return decoded


def _recogniser(stream: Stream, reader: Reader[Any], shapes: Shapes) -> Recognise:
    """For numbers; a closure, since it runs for every frame."""
    known, decode = shapes.known, reader.decode
    # Of a frame that was learned there is one event.
    translate: Callable[[Any, Stream, int], Any] = reader.translate

    def recognise(frame: bytes, received_time: int) -> MarketEvent | None:
        # Without the trap, `Decimal` makes a NaN of a text that is no number.
        if frame.translate(None, DIGITS) not in known or not getcontext().traps[InvalidOperation]:
            return None
        try:
            event: MarketEvent = translate(decode(frame), stream, received_time)
        except Exception:  # noqa: BLE001 - whatever it is, `decode` meets it again and tells
            return None
        return event

    return recognise


def _list_recogniser(stream: Stream, reader: ListReader) -> Recognise:
    """For frames with one event whose ids are no digits: all of it is looked at in any case."""
    decode, translate = reader.decode, reader.translate

    def recognise(frame: bytes, received_time: int) -> MarketEvent | None:
        # Several events are for `decode`, which would only be done twice.
        if frame.find(b"},{") >= 0 or not frame.isascii():
            return None
        try:
            event = translate(decode(frame), stream, received_time)
        except Exception:  # noqa: BLE001 - as above
            return None
        return None if isinstance(event, tuple) else event

    return recognise


def _book_recogniser(stream: Stream, reader: BookReader, shapes: BookShapes) -> Recognise:
    """For levels: they stay unread, but where both sides are always read they are values at once.

    One event in `_PROBE` is left unread in any case: whether it was read tells of the others. One
    that was read is soon let go of, since values need much more room than digits.
    """
    knows = shapes.knows
    translate: Callable[[Any, Stream, int], Any] = reader.translate
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
        event: MarketEvent
        try:
            if are_read and not is_probe and getcontext().traps[InvalidOperation]:
                event = translate(values(frame), stream, received_time)
                return event
            if has_lone_point(frame):
                return None
            event = translate(unread(frame), stream, received_time)
        except Exception:  # noqa: BLE001 - as above
            return None
        if is_probe:
            are_read = are_read and probe is None
            count, probe = 0, event
        return event

    return recognise
