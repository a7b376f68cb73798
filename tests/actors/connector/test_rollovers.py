"""All sessions are replaced in turn: whoever asked for that is answered."""

from __future__ import annotations

import pytest

from exchange_connector import ExchangeConnectionError
from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.connector.rollovers import RollOvers
from exchange_connector.messages.health import RolledOver
from exchange_connector.messages.sessions import RollOverWanted, SessionRolled

NAMES = ("session-0", "session-1", "session-2")


class Asked:
    """Sessions that note who is asked, and somebody who waits for the outcome."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.outcome: list[object] = []
        self.rollovers = RollOvers(self._tell)
        self.rollovers.begin(NAMES, Reply(lambda value, error: self.outcome.append(error or value)))

    def _tell(self, name: str, message: RollOverWanted) -> None:
        self.names.append(name)

    def rolled(self, name: str, error: str = "") -> None:
        """It was replaced."""
        self.rollovers.rolled(SessionRolled(name, "asked for", error))


def test_one_after_the_other() -> None:
    """The next one only when the one before it is done."""
    asked = Asked()
    for count, name in enumerate(NAMES, 1):
        assert asked.names == list(NAMES[:count])
        asked.rolled(name)
    assert asked.outcome == [RolledOver(3)]


@pytest.mark.parametrize("gone", NAMES)
def test_a_session_that_is_gone_meanwhile(gone: str) -> None:
    """Not needed any more, or lost, whether its turn has come or not: who waits is told."""
    asked = Asked()
    asked.rollovers.gone(gone)
    for name in NAMES:
        if name != gone:
            asked.rolled(name)
    (error,) = asked.outcome
    assert isinstance(error, ExchangeConnectionError)
    assert f"{gone}: lost" in str(error)
    assert asked.names == [name for name in NAMES if name != gone or gone == NAMES[0]]


def test_one_that_was_replaced_is_gone() -> None:
    """It was done."""
    asked = Asked()
    asked.rolled(NAMES[0])
    asked.rollovers.gone(NAMES[0])
    asked.rolled(NAMES[1])
    asked.rolled(NAMES[2])
    assert asked.outcome == [RolledOver(3)]
