"""What has become of each order that was to be placed: decided once, and never by sending it again.

An order is written down, leaves once, and its answer is awaited. Where that answer is lost, the
truth is found out: by the account's own events, and by asking the exchange for the order, until it
is found, or it is proved that there is none. (That the exchange does not know an order proves nothing
as long as one that is on its way might still arrive.) An answer that only says that the order was
accepted is followed by the same questions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from ..messages.account import Order
from ..messages.enums import TimeInForce
from ..messages.errors import ConnectorError

PATIENCE = 2.0
"""Seconds without an answer, after which the exchange is asked for the order meanwhile."""
_SOONEST, _SLOWEST = 0.2, 10.0
"""Seconds from one question to the next: each wait is twice the last one."""
_PROOF = 1.0
"""Seconds between the two answers that together prove that there is no order."""
_ACCEPTED = 600.0
"""Seconds after the deadline until that is believed of one that the exchange has accepted."""
_BRIEF = {TimeInForce.IOC, TimeInForce.FOK}
"""Such an order ends at once: how it begins is not worth an answer."""


class Fate(StrEnum):
    """What the failure of a request about an order means for it."""

    REFUSED = "refused"
    """The exchange has not done it, and will not."""
    UNKNOWN = "unknown"
    """It may have been done, or may be yet."""
    MISSING = "missing"
    """The exchange knows no such order, as of now."""


class State(Enum):
    """How far an intent has come."""

    WRITTEN = "written down"
    UNDER_WAY = "on its way, or at the exchange"
    ACCEPTED = "its answer did not say how it is"
    DOUBTED = "its answer was lost"
    ENDED = "its fate is known"


class Ending(StrEnum):
    """What an intent has come to; exactly one of these."""

    PLACED = "placed"
    REFUSED = "refused"
    NEVER = "never placed"


@dataclass(eq=False, slots=True)
class Intent:
    """One order that is to be placed.

    Attributes:
        id: Its client order id.
        symbol: What is traded.
        deadline: Until when its asker waits, and it may leave (monotonic seconds).
        state: How far it has come.
        is_written: Whether it was written down, so that its ending has to be.
        is_awaited: Whether its asker has had no answer yet.
        ask_at: When the exchange is to be asked for it; infinite while it is not.
        is_asking: Whether such a question is under way.
        order: As the exchange has it, where that is known though the answer has not come.
        asked_at: When the last one left.
        missing_at: When one left that was answered with "no such order", after which none can come.
    """

    id: str
    symbol: str
    deadline: float
    state: State = State.WRITTEN
    is_written: bool = False
    is_awaited: bool = True
    ask_at: float = math.inf
    is_asking: bool = False
    asked_at: float = -math.inf
    missing_at: float | None = None
    questions: int = 0
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the exchange for the order."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Settle:
    """Answer who asked for it: with the order, or with an error; with neither, it is unknown."""

    intent: Intent
    order: Order | None = None
    error: ConnectorError | None = None


@dataclass(frozen=True, slots=True)
class End:
    """Write down what it has come to.

    Attributes:
        order: As the exchange has it, where it was placed.
        is_news: Whether its asker was told that its fate is unknown, so that an event has to tell.
    """

    intent: Intent
    ending: Ending
    order: Order | None
    is_news: bool


Action = Ask | Settle | End


class Intents:
    """All orders whose fate is not known yet. Time is monotonic seconds.

    Args:
        horizon: Seconds after the deadline, from which on an order that the exchange does not know
            never comes: its window for late requests, and its own deadline, are over. (After the
            deadline, not after leaving: on its way out it may wait for its turn until then.)
    """

    def __init__(self, horizon: float) -> None:
        self._horizon = horizon
        self._open: dict[str, Intent] = {}

    def __len__(self) -> int:
        return len(self._open)

    def get(self, id: str) -> Intent | None:
        """The intent of a client order id, while its fate is not known."""
        return self._open.get(id)

    def write(self, id: str, symbol: str, deadline: float) -> Intent:
        """One is about to be written down. Raises `KeyError` for an id that is in use."""
        if id in self._open:
            raise KeyError(id)
        intent = self._open[id] = Intent(id, symbol, deadline)
        return intent

    def left(self, intent: Intent, now: float) -> None:
        """It leaves, for the only time."""
        assert intent.state is State.WRITTEN
        intent.state = State.UNDER_WAY
        intent.ask_at = now + PATIENCE

    def inherit(self, id: str, symbol: str, deadline: float, now: float) -> Intent:
        """One that was written down earlier, and perhaps sent; nobody waits for it here."""
        intent = self._open[id] = Intent(
            id, symbol, deadline, State.DOUBTED, is_written=True, is_awaited=False
        )
        intent.ask_at = now
        return intent

    def answered(self, id: str, order: Order) -> list[Action]:
        """The exchange has it: the request's own answer, or that to a question."""
        intent = self._left(id)
        return [] if intent is None else self._end(intent, Ending.PLACED, order)

    def accepted(self, id: str, now: float) -> list[Action]:
        """The exchange has taken it, and not said how it is: an event does soon, or a question."""
        intent = self._left(id)
        if intent is None:
            return []
        intent.state = State.ACCEPTED
        if intent.order is not None and not _is_brief(intent.order):
            return self._end(intent, Ending.PLACED, intent.order)
        if not intent.is_asking:
            intent.ask_at = min(intent.ask_at, now + _SOONEST)
        return []

    def seen(self, id: str, order: Order, *, is_final: bool) -> list[Action]:
        """The exchange has it, by an event; the answer says more, if it comes soon."""
        intent = self._left(id)
        if intent is None:
            return []
        intent.order = order
        waits = intent.state is State.ACCEPTED and _is_brief(order)
        if is_final or not (waits or intent.state is State.UNDER_WAY):
            return self._end(intent, Ending.PLACED, order)
        return []

    def failed(self, intent: Intent, fate: Fate, error: ConnectorError, now: float) -> list[Action]:
        """The request that was to place it has failed."""
        if intent.state is State.ENDED:
            return []
        if fate is Fate.REFUSED or intent.state is State.WRITTEN:
            return self._end(intent, Ending.REFUSED, None, error)
        if intent.order is not None:
            return self._end(intent, Ending.PLACED, intent.order)
        intent.state = State.DOUBTED
        if not intent.is_asking:
            intent.ask_at = min(intent.ask_at, now + _SOONEST)
        return []

    def asked(self, intent: Intent, now: float) -> None:
        """The exchange is asked for it."""
        intent.is_asking, intent.asked_at, intent.ask_at = True, now, math.inf
        intent.questions += 1

    def not_found(
        self, intent: Intent, fate: Fate, error: ConnectorError, now: float, wait: float = 0.0
    ) -> list[Action]:
        """That question was answered, but not with the order; the next follows after `wait`."""
        if intent.state is State.ENDED:
            return []
        intent.is_asking = False
        pause = max(wait, min(_SOONEST * 2 ** min(intent.questions, 8), _SLOWEST))
        was_accepted = intent.state is State.ACCEPTED
        horizon = max(self._horizon, _ACCEPTED) if was_accepted else self._horizon
        if fate is Fate.MISSING and intent.asked_at >= intent.deadline + horizon:
            if intent.missing_at is not None:
                return self._end(intent, Ending.NEVER, None, error)
            intent.missing_at, pause = intent.asked_at, max(wait, _PROOF)
        intent.ask_at = now + pause
        return []

    def due(self, now: float) -> list[Action]:
        """What time has brought: questions, and askers who wait no longer."""
        actions: list[Action] = []
        for intent in self._open.values():
            if intent.is_awaited and now >= intent.deadline:
                intent.is_awaited = False
                actions.append(Settle(intent))
            if now >= intent.ask_at:
                actions.append(Ask(intent))
        known = [each for each in self._open.values() if each.order and now >= each.ask_at]
        for intent in known:  # the answer does not come
            actions = [each for each in actions if each.intent is not intent]
            actions += self._end(intent, Ending.PLACED, intent.order)
        return actions

    def next_due(self) -> float:
        """When `due` has something; infinite while nothing is waited for."""
        times = (
            min(each.ask_at, each.deadline if each.is_awaited else math.inf)
            for each in self._open.values()
        )
        return min(times, default=math.inf)

    def _left(self, id: str) -> Intent | None:
        """The intent of that id, if it has left: else what is told is of an earlier order."""
        intent = self._open.get(id)
        return None if intent is None or intent.state is State.WRITTEN else intent

    def _end(
        self, intent: Intent, ending: Ending, order: Order | None, *error: Any
    ) -> list[Action]:
        del self._open[intent.id]
        intent.state = State.ENDED
        end = End(intent, ending, order, is_news=not intent.is_awaited)
        if not intent.is_awaited:
            return [end]
        intent.is_awaited = False
        return [end, Settle(intent, order, *error)]


def _is_brief(order: Order) -> bool:
    """Whether it ends as soon as it has begun."""
    return order.time_in_force in _BRIEF
