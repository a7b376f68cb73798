"""What rooms have to hear when one of them is new."""

from __future__ import annotations

from typing import Any

from ...messages.kept_books import BooksStarted
from ...messages.rooms import BreakerStarted, ClockUpdated, WeightLimitKnown
from ...messages.sessions import SessionStarted
from ...messages.trading import AccountStarted
from ..base.office import Offices

SESSION = "session-"
"""How the names of websocket sessions begin; their numbers follow, from 0 on."""
ACCOUNT_SESSION = "account-session"
ACCOUNT_ROOMS = frozenset(("account", ACCOUNT_SESSION))
"""Those that the root tells the exchange's time."""

_TOLD: dict[str, tuple[str, Any]] = {
    "breaker": ("rest", BreakerStarted()),
    "books": ("registry", BooksStarted()),
    "account": ("registry", AccountStarted()),
}
"""For each name, whom to tell what."""


def first_words(
    name: str, time: ClockUpdated | None, limit: WeightLimitKnown | None
) -> list[ClockUpdated | WeightLimitKnown]:
    """What a room that is new hears before all else: what has become known before."""
    words = list[ClockUpdated | WeightLimitKnown]()
    if name == "rest" and limit is not None:
        words.append(limit)
    if name in ACCOUNT_ROOMS | {"rest"} and time is not None:
        words.append(time)
    return words


def introduce(name: str, offices: Offices) -> None:
    """A room is there, for the first time or again: who has to hear of it does."""
    if name in _TOLD:
        whom, what = _TOLD[name]
        offices.of(whom).tell(what)
    if name.startswith(SESSION):
        shard = int(name.removeprefix(SESSION))
        offices.of("registry").tell(SessionStarted(shard))
