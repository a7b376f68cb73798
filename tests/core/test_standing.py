"""What older notes add up to, and how often a file is due."""

from __future__ import annotations

from exchange_connector.core.save_pace import SavePace
from exchange_connector.core.standing import Standing
from exchange_connector.messages.enums import HealthState
from exchange_connector.messages.lifecycle import HealthChanged
from exchange_connector.messages.notes import (
    ConnectionClosed,
    ConnectionOpened,
    Happened,
    SubscriptionEnded,
    SubscriptionOpened,
)


def test_what_ended_stands_no_more() -> None:
    """Of each thing the newest counts."""
    standing = Standing()
    kept = SubscriptionOpened(2, "b", "trades", "ETHUSDT")
    open_ = ConnectionOpened(4, 2, "session-0")
    for note in (
        SubscriptionOpened(1, "a", "trades", "BTCUSDT"),
        kept,
        ConnectionOpened(3, 1, "session-0"),
        ConnectionClosed(3, 1, "session-0", "cut"),
        open_,
        SubscriptionEnded(5, "a"),
        Happened(6, HealthChanged("x", "trades:ETHUSDT", HealthState.DOWN, "", 0)),
        Happened(7, HealthChanged("x", "trades:ETHUSDT", HealthState.LIVE, "", 0)),
    ):
        standing.take(note)
    assert standing.subscriptions == {"b": kept}
    assert standing.connections == {2: open_}
    assert standing.states == {"trades:ETHUSDT": HealthState.LIVE}


def test_one_file_for_each_cause_and_period() -> None:
    """What is refused does not put the next one off."""
    pace = SavePace(60.0)
    asked = [("gap", 0.0), ("gap", 59.9), ("breaker", 59.9), ("gap", 60.0), ("gap", 100.0)]
    assert [pace.admits(*each) for each in asked] == [True, False, True, True, False]
