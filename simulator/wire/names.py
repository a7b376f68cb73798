"""How streams are called.

Where an exchange has the same topics in several markets, a stream's name is `MARKET/TOPIC`; whoever
says `TOPIC` alone, or a pattern of it, means that of every market.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase


def is_called(stream: str, name: str) -> bool:
    """Whether a stream has that name, in whole or behind its market."""
    return name in (stream, stream.rpartition("/")[2])


def matches(stream: str, pattern: str) -> bool:
    """Whether a stream has that name, or one that matches it (`*`, `?`)."""
    if is_called(stream, pattern) or fnmatchcase(stream, pattern):
        return True
    return "/" in stream and fnmatchcase(stream.rpartition("/")[2], pattern)


def the_one(streams: Iterable[str], name: str) -> str:
    """The stream that is called so; the name itself if there is none.

    Raises:
        LookupError: if there are several, each of another market.
    """
    found = [stream for stream in streams if is_called(stream, name)]
    if len(found) > 1 and name not in found:
        raise LookupError(f"stream: {name!r} may be any of {', '.join(sorted(found))}")
    return name if name in found or not found else found[0]
