"""How things stood at the beginning of a recording: what older notes add up to."""

from __future__ import annotations

from ..messages.enums import HealthState
from ..messages.lifecycle import HealthChanged
from ..messages.notes import (
    ConnectionClosed,
    ConnectionOpened,
    Happened,
    Note,
    SubscriptionEnded,
    SubscriptionOpened,
)


class Standing:
    """What was wanted, connected and known, once every note given to `take` had come true.

    Attributes:
        subscriptions: What is wanted, by its id.
        connections: The connections that stand, by their number.
        states: How each part is, by its name in the connector's health.
    """

    def __init__(self) -> None:
        self.subscriptions: dict[str, SubscriptionOpened] = {}
        self.connections: dict[int, ConnectionOpened] = {}
        self.states: dict[str, HealthState] = {}

    def take(self, note: Note) -> None:
        """One note more."""
        match note:
            case SubscriptionOpened():
                self.subscriptions[note.subscription] = note
            case SubscriptionEnded():
                self.subscriptions.pop(note.subscription, None)
            case ConnectionOpened():
                self.connections[note.connection] = note
            case ConnectionClosed():
                self.connections.pop(note.connection, None)
            case Happened(event=HealthChanged() as change):
                self.states[change.subject] = change.state
            case _:
                pass
