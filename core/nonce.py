"""Identifiers that are never given twice.

Not a pure machine: it holds a lock, and reads the wall clock and the system's entropy, all of
which can be passed in.
"""

from __future__ import annotations

import itertools
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable
from typing import Final

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_TAG_DIGITS: Final = 12
_TAGS: Final = 36**_TAG_DIGITS


def base36(number: int) -> str:
    """A number, 0 or more, in the digits 0-9a-z, the most significant first.

    >>> base36(0), base36(35), base36(36)
    ('0', 'z', '10')
    """
    if number < 36:
        return _DIGITS[number]
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    digits.reverse()
    return "".join(digits)


class _Process:
    """What all generators of a process share."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        # Taking the next number is one step of the interpreter: it needs no lock, and eight
        # threads that fight over one take six times as long.
        self.counter = itertools.count()
        self.last_int = 0
        self.generators: weakref.WeakSet[NonceGenerator] = weakref.WeakSet()

    def forked(self) -> None:
        """In the child: another thread may have held the lock, and the parent uses the tags."""
        self.lock = threading.Lock()
        for generator in list(self.generators):
            generator.reseed()


class NonceGenerator:
    """Identifiers for orders and requests, safe to use from any thread.

    No two are equal: within a process by a counter that all generators share and that never
    wraps, whatever the clock does; across processes, restarts and forks by 62 random bits drawn
    for each generator, and anew in a forked child.

    Args:
        clock: The wall clock, in nanoseconds since the Unix epoch.
        entropy: A random number below the one that it is given.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.time_ns,
        entropy: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._tag = ""
        self._prefix = 0, base36(0)
        self.reseed()
        with _process.lock:
            _process.generators.add(self)

    def generate(self) -> str:
        """A new identifier, `<milliseconds>_<counter>_<random>` in base 36.

        At most 36 characters of `0-9a-z_`, so that it is a client order id for Binance, whose
        rule is `^[a-zA-Z0-9-_]{1,36}$`: 9 for a time until the year 5188, 13 for the counter
        (1.7e20 of them) and 12 random ones.

        Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/trading-endpoints
        """
        millisecond = max(0, self._clock() // 1_000_000)
        known, prefix = self._prefix
        if millisecond != known:
            prefix = base36(millisecond)
            self._prefix = millisecond, prefix
        return f"{prefix}_{base36(next(_process.counter))}_{self._tag}"

    def generate_int(self) -> int:
        """A number greater than every other that this process was given, whatever the clock does.

        It is the time in nanoseconds since the Unix epoch, or one more than the last number where
        the clock stands still or was stepped back.
        """
        now = self._clock()
        with _process.lock:
            _process.last_int = max(now, _process.last_int + 1)
            return _process.last_int

    def reseed(self) -> None:
        """Draw new random digits."""
        self._tag = base36(self._entropy(_TAGS)).rjust(_TAG_DIGITS, "0")


_process: Final = _Process()

if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_process.forked)
