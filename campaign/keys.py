"""What tells order books apart: the same of the exchange's own, and of what came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

DEPTH = 20
"""Levels a side of the order books that are compared."""


def digest(update_id: int, bids: Iterable[tuple[str, str]], asks: Iterable[tuple[str, str]]) -> str:
    """A short text that is the same for equal books only: update id, and levels best first."""
    levels = [[f"{price}:{quantity}" for price, quantity in side] for side in (bids, asks)]
    return hashlib.sha256(f"{update_id} {levels}".encode()).hexdigest()[:20]
