"""What the account tells itself: what has come of an order, and what it is time for."""

from __future__ import annotations

from typing import Any

import msgspec

from ...messages.errors import ConnectorError
from ...messages.trading import OpenIntent


class Written(msgspec.Struct, frozen=True):
    """To the account, by itself: intent `id` was written down, or could not be."""

    id: str
    error: ConnectorError | None


class Answered(msgspec.Struct, frozen=True):
    """To the account, by itself: what came of sending intent `id`."""

    id: str
    value: Any
    error: ConnectorError | None


class EndLost(msgspec.Struct, frozen=True):
    """To the account, by itself: the ending of intent `id` was not written.

    Attributes:
        is_due: Whether it is to be written again now.
    """

    id: str
    ending: str
    is_due: bool = False


class Looked(msgspec.Struct, frozen=True):
    """To the account, by itself: what the exchange says of intent `id` when asked."""

    id: str
    value: Any
    error: ConnectorError | None


class OrdersDue(msgspec.Struct, frozen=True):
    """To the account, by itself: something of an order on its way is due."""

    at: float


class RefreshDue(msgspec.Struct, frozen=True):
    """To the account, by itself: time to ask for it anew, on connection `epoch`."""

    epoch: int


class Inherited(msgspec.Struct, frozen=True):
    """To the account, by itself: what the journal has left open."""

    intents: tuple[OpenIntent, ...]
    error: ConnectorError | None


class InheritanceDue(msgspec.Struct, frozen=True):
    """To the account, by itself: the journal could not say it, and is to be asked again."""
