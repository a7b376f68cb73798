"""What a session sends to change its subscriptions, and what the answers change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """What to send next.

    Attributes:
        id: Its number, by which the answer is known; never used twice.
        subscribe: Whether to subscribe; else to unsubscribe.
        names: The streams.
    """

    id: int
    subscribe: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer has changed.

    Attributes:
        confirmed: Streams that are carried from now on.
        removed: Streams that are carried no more. One that was wanted again in the meantime is
            subscribed to anew, and events of it may have been missed.
        refused: Streams that the exchange refused, each with its error.
    """

    confirmed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[tuple[str, object], ...] = ()
