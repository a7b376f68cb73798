"""One connection of a session, as the session sees it: what it carries, and what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import msgspec

from ...core.convergence import Convergence
from ...core.limiter import DialBudget
from ...venues.control import UNNUMBERED, Ponged
from ...venues.driver import Driver
from ..feeds.frame import Route
from .pump import Pump


class DialDue(msgspec.Struct, frozen=True):
    """To a session, by itself: time to connect, if nothing has happened since `number`."""

    number: int


class DialOverdue(msgspec.Struct, frozen=True):
    """To a session, by itself: connection attempt `number` has had its time."""

    number: int


class CommandsDue(msgspec.Struct, frozen=True):
    """To a session, by itself: the exchange admits another command on connection `number`."""

    number: int


class RollOverDue(msgspec.Struct, frozen=True):
    """To a session, by itself: it is time for another connection than `number`."""

    number: int
    reason: str


_FIRST_QUESTION = 1 << 30
_FAREWELL = 1 << 31


class Link:
    """A pump, and the subscriptions that the exchange has confirmed on it.

    Attributes:
        epoch: The number of the connection; 0 until it is up.
        is_paced: Whether a command waits until the exchange admits another.
        ending: What the exchange has announced the connection's end with; "" while it has not.
    """

    def __init__(
        self, pump: Pump, driver: Driver, answer_timeout: float, budget: DialBudget
    ) -> None:
        self.pump = pump
        self.epoch = 0
        self.is_paced = False
        self.ending = ""
        limits = driver.limits
        room = limits.streams, limits.characters
        self.convergence = Convergence(limits.names, answer_timeout, *room)
        self._driver = driver
        ask = driver.list_command or driver.ping_command
        assert ask is not None  # else nothing says what has arrived
        self._ask = ask
        self._budget = budget
        self._answer_timeout = answer_timeout
        self._question = _FIRST_QUESTION
        self._asked: dict[int, tuple[float, frozenset[str]]] = {}

    @property
    def number(self) -> int:
        """The attempt's, unique in the session."""
        return self.pump.number

    @property
    def is_up(self) -> bool:
        """Whether it is connected."""
        return self.epoch > 0

    def want(self, routes: dict[bytes, Route]) -> None:
        """These are all the streams that it should carry, and where they lead."""
        self.pump.routes = routes
        self.convergence.want([name.decode() for name in routes])

    def connected(self, epoch: int, now: float) -> None:
        """It is up."""
        self.epoch = epoch
        self.convergence.connected(now)

    def send_commands(self, call_later: Callable[[float], object]) -> None:
        """Send what brings it nearer to what is wanted, as fast as the exchange admits.

        Args:
            call_later: Told in how many seconds there is room for more, if that is waited for.
        """
        while self.is_up and not self.is_paced:
            now = time.monotonic()
            wait = self._budget.ready_at(now, self.convergence.next_commands) - now
            if wait > 0:
                self.is_paced = True
                call_later(wait)
                return
            command = self.convergence.next_command(now)
            if command is None:
                return
            self._budget.dialled(now)
            self.pump.post(self._driver.command(command.id, command.subscribe, command.names))

    def ask_what_is_carried(self) -> int:
        """Have the exchange list its subscriptions, or only answer; the question's number."""
        self._question += 1
        now = time.monotonic()
        self._budget.dialled(now)
        self._asked[self._question] = now, self.convergence.carried
        self.pump.post(self._ask(self._question))
        return self._question

    def question_of(self, pong: Ponged) -> int:
        """Which question a pong answers; 0 for none."""
        return min(self._asked, default=0) if pong.id == UNNUMBERED else pong.id

    def listed(self, question: int, names: Iterable[str] | None) -> frozenset[str]:
        """The exchange's list, None if it gives none: what it does not carry, though it should."""
        _, believed = self._asked.pop(question, (0.0, frozenset[str]()))
        return self.convergence.dropped(believed - set(believed if names is None else names))

    def is_overdue(self, now: float) -> bool:
        """Whether an answer is missing: its silence may hide lost subscriptions."""
        oldest = min((at for at, _ in self._asked.values()), default=now)
        return self.convergence.overdue(now) or now - oldest >= self._answer_timeout

    def leave(self, seconds: float) -> None:
        """Unsubscribe and close politely; the pump tells the subscribers."""
        names = tuple(sorted(self.convergence.confirmed))
        if names and self.is_up:
            most = self._driver.limits.names
            self.pump.post(self._driver.command(_FAREWELL, False, names[:most]))
        self.pump.stop(seconds)
