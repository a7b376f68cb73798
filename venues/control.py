"""What the frames are that are no market data, and what a refusal means."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an answer that is no success means.

    Attributes:
        error: What the asker gets.
        is_failure: Whether it counts as a failure for the circuit breaker (5xx).
        clock_doubted: Whether the exchange found the timestamp wrong.
        wait: Seconds during which nothing may be sent to this host, None if free to go.
    """

    error: ConnectorError
    is_failure: bool = False
    clock_doubted: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A control frame: the exchange's answer to the command `id`; `error` None for success."""

    id: int
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class DataFrame:
    """A frame of market data whose stream's name the quick look did not find."""

    name: bytes


@dataclass(frozen=True, slots=True)
class Listed:
    """A control frame: the streams that the session carries, the answer to the question `id`."""

    id: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A frame that concerns the session itself.

    Attributes:
        is_ending: Whether the exchange is about to end the session.
    """

    text: str
    is_ending: bool = False


UNNUMBERED = -1
"""The id of an answer that does not say which ping it is for: for the oldest without an answer."""


@dataclass(frozen=True, slots=True)
class Ponged:
    """A control frame: the answer to the ping `id` that was a text; it may be `UNNUMBERED`."""

    id: int


Control = Answered | DataFrame | Listed | Notice | Ponged
