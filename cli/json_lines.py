"""Events as JSON, one a line, for other programs to read."""

from __future__ import annotations

import os
import select
from decimal import Decimal
from typing import Any, cast

import msgspec

from ..messages import ErrorOccurred, Event, encode
from .interrupts import Interrupt

_PIECE = 4096
"""What a pipe that can be written to has room for, at least."""
KEPT = (Decimal,)
_GLANCE = 0.2
"""Seconds between two looks whether the program is to end, while nobody reads."""


class JsonLines:
    """Writes each event at once; a reader that goes away ends the program.

    It writes to the file itself, without a buffer and its lock: a reader that pauses keeps
    neither Ctrl-C nor the end of the interpreter waiting.

    Attributes:
        failure: Why nothing more could be written, where the reader is not simply gone.
    """

    def __init__(self, file: int, interrupt: Interrupt) -> None:
        """Take the file's descriptor, and what is to be told that the reader is gone."""
        self._file, self._interrupt = file, interrupt
        self._is_over = False
        self.failure: OSError | None = None

    def __call__(self, event: Event) -> None:
        """Write one; none after one that could not be written, which may be there by half."""
        if self._is_over:
            return
        rest = memoryview(line(event))
        try:
            while rest and self._can_write():
                rest = rest[os.write(self._file, rest[:_PIECE]) :]
        except BrokenPipeError:
            self._interrupt.is_wanted = True
        except OSError as error:  # such as a full disk
            self.failure = error
            self._interrupt.is_wanted = True
        self._is_over = len(rest) > 0

    def _can_write(self) -> bool:
        """Wait for room; False once the program is to end and there is none."""
        if os.name == "nt":  # select() takes sockets only
            return True
        while not select.select([], [self._file], [], _GLANCE)[1]:
            if self._interrupt.is_wanted:
                return False
        return True


def line(event: Event) -> bytes:
    """An event as a line of JSON: `type` is its name, a price or quantity the exchange's digits."""
    if isinstance(event, ErrorOccurred):
        # msgspec would take the error for a plain dataclass, and forget which one it is.
        told: Any = msgspec.msgpack.decode(encode(event), ext_hook=_odd_text)
        return msgspec.json.encode(told) + b"\n"
    fields = msgspec.to_builtins(event, builtin_types=KEPT, enc_hook=tuple)  # levels, read only now
    return msgspec.json.encode(_with_digits(fields)) + b"\n"


def _with_digits(value: Any) -> Any:
    """The same, each `Decimal` as its digits: msgspec would write 0.00000010 as "1.0E-7"."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: _with_digits(each) for name, each in fields.items()}
    if isinstance(value, list | tuple):
        return [_with_digits(each) for each in cast("list[Any]", value)]
    return value


def _odd_text(_code: int, data: memoryview) -> str:
    """Text that is no Unicode: JSON has no form for it."""
    return str(data, "utf-8", "replace")
