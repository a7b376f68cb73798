"""The flight recorder's answer."""

from __future__ import annotations

import msgspec


class RecordingSaved(msgspec.Struct, frozen=True):
    """A recording was written.

    Attributes:
        path: The file.
        seconds: How much of the past is in it.
        frames: How many frames of the streams.
    """

    path: str
    seconds: float
    frames: int
