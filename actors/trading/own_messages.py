"""What the account tells itself, when it is time for it."""

from __future__ import annotations

import msgspec

from ...messages.errors import ConnectorError
from ...messages.trading import OpenIntent


class OrdersDue(msgspec.Struct, frozen=True):
    """To the account, by itself: something of an order on its way is due."""

    at: float


class RefreshDue(msgspec.Struct, frozen=True):
    """To the account, by itself: time to ask for it anew, on connection `epoch`."""

    epoch: int


class FillsDue(msgspec.Struct, frozen=True):
    """To the account, by itself: fills that were not told by now are to be asked for."""


class Inherited(msgspec.Struct, frozen=True):
    """To the account, by itself: what the journal has left open."""

    intents: tuple[OpenIntent, ...]
    error: ConnectorError | None


class InheritanceDue(msgspec.Struct, frozen=True):
    """To the account, by itself: the journal could not say it, and is to be asked again."""
