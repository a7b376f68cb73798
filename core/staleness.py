"""Is a silent stream quiet, or broken? When to wonder, when to ask, and what to believe.

Silence alone proves nothing: a market may be quiet. So a stream that is silent for longer than it
should be is suspected, and the exchange is asked by another way whether something has happened. Only
what that proves, or the lack of any answer for a stream that has to tick, makes it stale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ..messages.enums import HealthState

_PATIENCE: Final = 5.0
"""A stream may be silent for so many times its usual longest silence."""
_FADING: Final = 0.98
"""What is left of the usual longest silence with each look at which there was data."""
_GRACE: Final = 5.0
"""Seconds that data may take to come by the stream after it was seen by the other way: some streams
are sent every two seconds."""
_ANSWER: Final = 10.0
"""Seconds after which a question that was not answered is asked again."""
_RARELY: Final = 4.0
"""A stream that need not tick is asked about after so many times the silence of one that has to."""
_LOOK: Final = 1.0
"""Seconds between two looks."""
_LONGEST: Final = 600.0
"""Seconds after which any silent stream is asked about, however often it was found to be quiet."""


@dataclass(frozen=True, slots=True)
class Silences:
    """Limits in seconds.

    Attributes:
        suspect_after: Silence of a stream that has to tick.
        stale_after: Silence of such a stream where the exchange gives no answer.
    """

    suspect_after: float
    stale_after: float

    @property
    def grace(self) -> float:
        """How long data may take to come after it was seen by the other way."""
        return min(_GRACE, self.suspect_after / 3)


class Step(Enum):
    """What a look has found to be done."""

    NONE = "none"
    ASK = "ask"
    TELL = "tell"
    """Its state has changed."""
    STALL = "stall"
    """It has turned out to be stale, or still is."""


class Vigil:
    """Watches one stream; all times are monotonic seconds.

    Attributes:
        state: LIVE, SUSPECT or STALE.
        cause: Why, unless it is LIVE.

    Args:
        ticks: Whether it has to tick, whatever the market does; else it is taken to do so once it
            has done so for a while.
    """

    __slots__ = (
        *("_asked", "_behind_since", "_checked", "_heard", "_limits", "_quiet", "_ticks", "_usual"),
        *("_waiting_since", "_before", "cause", "state"),
    )

    def __init__(self, limits: Silences, now: float, *, ticks: bool) -> None:
        self._limits = limits
        self._ticks = ticks
        self._usual = math.inf  # its longest silence of late; not known yet
        self._heard = self._checked = now
        self._asked = -math.inf  # the last time
        self._waiting_since: float | None = None  # no answer has come since
        self._before: tuple[float, float | None] = self._asked, None  # the last question
        self._quiet = 1.0
        self._behind_since: float | None = None
        self.state = HealthState.LIVE
        self.cause = ""

    @property
    def is_loud(self) -> bool:
        """Whether its silence means something by itself."""
        return self._ticks or self._usual * _PATIENCE <= self._limits.suspect_after

    @property
    def missing_since(self) -> float:
        """When it should have been heard, after it was heard last."""
        return self._heard + min(self._usual, self._limits.suspect_after)

    def started(self, now: float, silence: float = 0.0) -> None:
        """The exchange has confirmed it on another connection: the silence begins anew.

        What is stale stays so until there is data, or proof that there is none to come.

        Args:
            silence: Seconds that it has been silent already, where nothing has interrupted it.
        """
        if self.state is not HealthState.STALE:
            self.state, self.cause = HealthState.LIVE, ""
        self._heard = self._checked = now - silence
        self._behind_since = self._waiting_since = None
        self._asked = -math.inf

    def look(self, now: float, *, has_come: bool) -> Step:
        """What there is to do, when looked at about once a second.

        Args:
            has_come: Whether there was data since the last look.
        """
        if has_come:
            silence = now - self._heard
            known = self._usual if self._usual < math.inf else 0.0
            self._usual = max(silence, known * _FADING)
            self._heard = self._checked = now
            self._quiet, self._behind_since, self._waiting_since = 1.0, None, None
            return self._become(HealthState.LIVE, "")
        if now - self._checked <= self._limit:
            return Step.NONE
        silence = now - self._heard
        if self._behind_since is not None and now - self._behind_since >= self._limits.grace:
            cause = f"no data for {silence:.0f} s, though the exchange has some"
            return self._stall(now, cause)
        if self.is_loud and self.state is HealthState.LIVE:
            self._become(HealthState.SUSPECT, f"no data for {silence:.0f} s")
            return self._ask(now)
        if self.state is HealthState.SUSPECT and self._waiting_since is not None:
            limits = self._limits
            if now - self._waiting_since >= limits.stale_after - limits.suspect_after:
                return self._stall(now, f"no data for {silence:.0f} s, nor an answer to why")
        if self._behind_since is None and now - self._asked > _ANSWER:
            return self._ask(now)
        return Step.NONE

    def answered(self, now: float, *, is_behind: bool | None) -> Step:
        """What the exchange says by the other way: whether there is data that has not come.

        Args:
            is_behind: None where only the next answer will tell.
        """
        self._waiting_since = None
        if is_behind is None:
            return Step.NONE
        if is_behind:
            if self._behind_since is None:
                self._behind_since = now
            return Step.NONE
        self._behind_since = None
        self._checked = now
        self._quiet = min(2 * self._quiet, _LONGEST / self._limits.suspect_after)
        return self._become(HealthState.LIVE, "")

    def put_off(self) -> None:
        """The question could not be asked now, so that no answer is missing: at the next look."""
        self._asked, self._waiting_since = self._before

    def implicated(self, now: float, cause: str, since: float) -> Step:
        """Another stream of the same connection is stale: so is this, if silent `since` then, too.

        It may have missed something, too, and may have no ids that would show it.
        """
        if self.state is HealthState.STALE or self._heard > since + _LOOK:
            return Step.NONE
        return self._stall(now, cause)

    @property
    def _limit(self) -> float:
        """How long it may be silent before something is done."""
        least = self._limits.suspect_after
        if self.is_loud or self.state is HealthState.STALE:
            limit = least
        elif self._usual < math.inf:
            limit = max(least, _PATIENCE * self._usual)
        else:
            limit = _RARELY * least
        return min(limit * self._quiet, max(_LONGEST, least))

    def _stall(self, now: float, cause: str) -> Step:
        self._become(HealthState.STALE, cause)
        self._behind_since = self._waiting_since = None
        self._checked = self._asked = now  # to be asked again after as long
        return Step.STALL

    def _ask(self, now: float) -> Step:
        self._before = self._asked, self._waiting_since
        self._asked = now
        if self._waiting_since is None:
            self._waiting_since = now
        return Step.ASK

    def _become(self, state: HealthState, cause: str) -> Step:
        if state is self.state:
            return Step.NONE
        self.state, self.cause = state, cause
        return Step.TELL
