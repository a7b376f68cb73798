"""What the headers of a refusal say, whatever the exchange."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

whole_seconds = re.compile(r"[0-9]{1,9}").fullmatch


def retry_after(text: str, now: float) -> float | None:
    """The header `Retry-After`, in seconds: a number of them, or an HTTP date; None for neither.

    Source: RFC 9110, 10.2.3

    Args:
        text: The header.
        now: Seconds since the epoch.
    """
    if whole_seconds(text):
        return float(text)
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
