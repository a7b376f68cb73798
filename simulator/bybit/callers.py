"""Who makes a request: an account, by one of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..trading.accounts import Account, Key


class Caller(NamedTuple):
    """An account, and the key that has signed for it."""

    account: Account
    key: Key


Keys = Mapping[str, tuple[Account, Key]]
"""All keys by their public names."""
