"""What a connection's thread tells its session."""

from __future__ import annotations

import msgspec

from ...venues.control import Control


class Dialled(msgspec.Struct, frozen=True):
    """The pump is connected; `epoch` numbers the connection, uniquely in the process."""

    number: int
    epoch: int


class DialFailed(msgspec.Struct, frozen=True):
    """The pump has ended without a connection; `wait` where the exchange wants us to wait."""

    number: int
    reason: str
    wait: float | None


class Lost(msgspec.Struct, frozen=True):
    """The pump has ended; `told` unless another connection may carry on: its subscribers were."""

    number: int
    epoch: int
    reason: str
    told: bool


class TookOver(msgspec.Struct, frozen=True):
    """The pump delivers now, in place of the connection before it."""

    number: int


class Controlled(msgspec.Struct, frozen=True):
    """A frame came that is no market data."""

    number: int
    control: Control


class FramesLost(msgspec.Struct, frozen=True):
    """To the account's session: a frame came that could not be read."""
