"""The account, as replies."""

from __future__ import annotations

from decimal import Decimal

from .market import BaseEvent


class Balance(BaseEvent, frozen=True):
    """What the account holds of one asset.

    Attributes:
        free: What can be used.
        locked: What open orders hold.
        update_time: When the account last changed, nanoseconds since the epoch.
    """

    event_time: int
    received_time: int
    asset: str
    free: Decimal
    locked: Decimal
    update_time: int
    recovered: bool = False
