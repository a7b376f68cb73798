"""How a message's content can be spoilt: pure functions on its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

from .fields import Corruption

DECIMAL = re.compile(rb'"(-?\d+\.\d+)"')
FIELD = re.compile(rb'"(\w+)":(?="-?\d+\.\d|\[[\[\]])')


def spoilt(message: bytes, how: Corruption) -> bytes:
    """The message, spoilt in a way."""
    return _WAYS[how](message)


def _truncated(message: bytes) -> bytes:
    return message[: len(message) // 2]


def _garbled(message: bytes) -> bytes:
    return message.replace(b'":', b'";')


def _not_utf8(message: bytes) -> bytes:
    middle = len(message) // 2
    return message[:middle] + b"\xff\xfe" + message[middle:]


def _wrong_type(message: bytes) -> bytes:
    """The first decimal text becomes a number."""
    return DECIMAL.sub(rb"\1", message, count=1)


def _digits(message: bytes) -> bytes:
    """The first decimal text is no number any more."""
    return DECIMAL.sub(lambda found: b'"' + found[1][:-1] + b'x"', message, count=1)


def _missing(message: bytes) -> bytes:
    """The first field that holds a decimal text, or the levels of a book, has another name."""
    return FIELD.sub(rb'"_\1":', message, count=1)


_WAYS: dict[Corruption, Callable[[bytes], bytes]] = {
    "truncated": _truncated,
    "garbled": _garbled,
    "not_utf8": _not_utf8,
    "wrong_type": _wrong_type,
    "digits": _digits,
    "missing": _missing,
}
