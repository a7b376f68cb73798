"""What is shown in place of a secret."""

from __future__ import annotations

import re

HIDDEN = "***"

_ADDRESS = re.compile(
    r"(?:[a-z0-9]+://)?(?:\[[0-9a-f:.%]*\]|[^:/?#]*)(?::[0-9]*)?(?:[/?#][^:]*)?", re.IGNORECASE
)
_SCHEME = re.compile("[a-z0-9]+://", re.IGNORECASE)


def without_credentials(url: str) -> str:
    """A URL whose `user:password`, if any, is hidden; all of one that may be such, mistyped.

    >>> without_credentials("http://user:password@proxy:3128")
    'http://***@proxy:3128'
    >>> without_credentials("http://user:password#proxy:3128")
    'http://***'
    """
    _, at, host = url.rpartition("@")
    if not at and _ADDRESS.fullmatch(url):
        return url
    scheme = _SCHEME.match(url)
    return f"{scheme[0] if scheme else ''}{HIDDEN}{at}{host if at else ''}"
