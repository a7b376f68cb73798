"""How frames and bodies are read: strictly, then tolerantly, and each with every number looked at.

What is strict knows each field; what is tolerant leaves out those that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from ..messages.streams import Stream
from .driver import Decoded, MalformedError
from .numbers import price_levels, shortened

F = TypeVar("F")
T = TypeVar("T")

Decode = Callable[[bytes], F]
Translate = Callable[[F, Stream, int], Decoded]

_UNREADABLE = (MalformedError, msgspec.MsgspecError, ValueError, RecursionError)
_NO_NUMBER = "Expected `str` matching regex"


def _frames(kind: Any) -> Decode[Any]:
    decode: Decode[Any] = msgspec.json.Decoder(kind).decode
    return decode


class Reader(Generic[F]):
    """How the frames of one channel are read; shared by all its streams.

    Args:
        strict: The frame without any field that is not listed: with its numbers as texts that
            are looked at, and to be translated.
        tolerant: The same with unknown fields, which are left out.
        translate: From the frame to the event, or to all events.
    """

    def __init__(
        self, strict: tuple[Any, Any], tolerant: tuple[Any, Any], translate: Translate[F]
    ) -> None:
        self.check, self.decode = (_frames(kind) for kind in strict)
        self.check_tolerantly, self.decode_tolerantly = (_frames(kind) for kind in tolerant)
        self.translate = translate

    def checked(self, frame: bytes, check: Decode[Any], decode: Decode[F]) -> F:
        """A frame, all its numbers looked at. Raises `MalformedError`."""
        try:
            if check is not decode:
                check(frame)
            return decode(frame)
        except _UNREADABLE as error:
            reason = shortened(str(error).replace(_NO_NUMBER, "Expected a number"))
        # Raised here, so that no exception holding the frame hangs on it.
        raise MalformedError(reason)


class ListReader(Reader[Any]):
    """The same for a channel whose frames hold several events, and ids that have no shape.

    Args:
        strict: The frame without any field that is not listed, its numbers as texts.
        tolerant: The same with unknown fields.
        translate: From the frame to the event or events; it looks at the numbers.
    """

    def __init__(self, strict: Any, tolerant: Any, translate: Translate[Any]) -> None:
        super().__init__((strict, strict), (tolerant, tolerant), translate)
        self.check, self.check_tolerantly = self.decode, self.decode_tolerantly


class BookReader(Reader[Any]):
    """The same for a channel with the levels of a book, whose digits stay as they are.

    Args:
        strict: The frame (its `data` has `bids` and `asks`) without any field that is not listed:
            with its levels unread, and as values.
        tolerant: The same with unknown fields, its levels unread.
        translate: From the frame to the event.
    """

    def __init__(self, strict: tuple[Any, Any], tolerant: Any, translate: Translate[Any]) -> None:
        unread, values = strict
        super().__init__((unread, unread), (tolerant, tolerant), translate)
        self.check, self.check_tolerantly = self.decode, self.decode_tolerantly
        self.decode_levels = _frames(values)
        self.sides = dict[bytes, bytes]()

    def checked(self, frame: bytes, check: Decode[Any], decode: Decode[Any]) -> Any:
        """A frame, all its levels looked at. Raises `MalformedError`."""
        whole = super().checked(frame, check, decode)
        payload = whole.data
        sides = {"bids": price_levels(payload.bids), "asks": price_levels(payload.asks)}
        return msgspec.structs.replace(whole, data=msgspec.structs.replace(payload, **sides))


class BodyReader(Generic[T]):
    """Reads one kind of body; a number with a point stays text where no type says otherwise."""

    def __init__(self, kind: type[T]) -> None:
        self._decode = msgspec.json.Decoder(kind, float_hook=str).decode

    def __call__(self, body: bytes) -> T:
        check_utf8(body)
        try:
            return self._decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            reason = shortened(str(error).replace(_NO_NUMBER, "Expected a number"))
        raise MalformedError(reason)


def check_utf8(data: bytes) -> None:
    """Raise `MalformedError` unless all of it is UTF-8: msgspec looks only at what it decodes."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        reason = f"no UTF-8 at byte {error.start}"
    else:
        return
    raise MalformedError(reason)
