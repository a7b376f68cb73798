"""What is shown in place of a secret."""

from __future__ import annotations

import re

HIDDEN = "***"

_SCHEME = re.compile("[a-z0-9]+://", re.IGNORECASE)


def without_credentials(url: str) -> str:
    """A URL whose `user:password`, if any, is hidden.

    >>> without_credentials("http://user:password@proxy:3128")
    'http://***@proxy:3128'
    """
    before, at, host = url.rpartition("@")
    if not at:
        return url
    scheme = _SCHEME.match(before)
    return f"{scheme[0] if scheme else ''}{HIDDEN}@{host}"
