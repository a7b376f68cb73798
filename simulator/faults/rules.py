"""Rules by which the exchange misbehaves: which requests or messages they are for, how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Generic, Literal, TypeVar

T = TypeVar("T")


@dataclass
class Quota:
    """Which of those that match are taken: after the first `skip`, by chance, `count` of them.

    The chances are drawn from `random`, which follows from the seed. A `count` of `None` never
    ends.
    """

    count: int | None = None
    skip: int = 0
    chance: float = 1.0
    random: Random = field(default_factory=lambda: Random(1))

    @property
    def spent(self) -> bool:
        """Whether it takes no more."""
        return self.count == 0

    def takes(self) -> bool:
        """Whether the present one is taken; counts it."""
        if self.spent:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.chance < 1.0 and self.random.random() >= self.chance:
            return False
        if self.count is not None:
            self.count -= 1
        return True


@dataclass(eq=False)
class Rule(Generic[T]):
    """Something to do at what is called `name`, or has a name that matches it (`*`, `?`)."""

    name: str
    what: T
    quota: Quota


class Rules(Generic[T]):
    """Rules by path or method. Several for one are used in the order they were given.

    Methods are `caseless`: what is `SUBSCRIBE` to one exchange is `subscribe` to another.
    """

    def __init__(self, *, caseless: bool = False) -> None:
        self._rules: list[Rule[T]] = []
        self._caseless = caseless

    def add(self, name: str, what: T, quota: Quota) -> Rule[T]:
        """Do `what` at what `quota` takes of those called `name`."""
        rule = Rule(name.upper() if self._caseless else name, what, quota)
        self._rules.append(rule)
        return rule

    def remove(self, rule: Rule[T]) -> None:
        """Forget a rule; one that is used up is forgotten already."""
        if rule in self._rules:
            self._rules.remove(rule)

    def take(self, *names: str) -> T | None:
        """What to do at something of that name, if anything: exact names come before patterns.

        Something may have several names: `/api/v3/order`, and `POST /api/v3/order`.
        """
        if not self._rules:
            return None
        if self._caseless:
            names = tuple(name.upper() for name in names)
        for rule in self._of(names):
            if rule.quota.takes():
                if rule.quota.spent:
                    self._rules.remove(rule)
                return rule.what
        return None

    def _of(self, names: tuple[str, ...]) -> list[Rule[T]]:
        exact = [rule for rule in self._rules if rule.name in names]
        patterns = [
            rule
            for rule in self._rules
            if rule.name not in names and any(fnmatchcase(name, rule.name) for name in names)
        ]
        return exact + patterns


@dataclass(frozen=True)
class Canned:
    """An answer given instead of the exchange's own."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class LostAnswer:
    """How a request is not answered: by a reset, by silence, or with a status.

    `done` is whether it has been handled.
    """

    status: int | None
    done: bool = True
    silent: bool = False


@dataclass
class RestFaults:
    """Faults of REST paths and, where there are such, of a websocket API's methods.

    Delays are in seconds, drips in bytes per second; of `timestamps` it is whether they are ahead.
    `lags` are seconds that recent trades are behind; the longest holds.
    """

    canned: Rules[Canned] = field(default_factory=lambda: Rules[Canned]())
    before: Rules[float] = field(default_factory=lambda: Rules[float]())
    after: Rules[float] = field(default_factory=lambda: Rules[float]())
    drips: Rules[float] = field(default_factory=lambda: Rules[float]())
    resets: Rules[Literal[True]] = field(default_factory=lambda: Rules[Literal[True]]())
    lost_answers: Rules[LostAnswer] = field(default_factory=lambda: Rules[LostAnswer]())
    timestamps: Rules[bool] = field(default_factory=lambda: Rules[bool]())
    lags: list[float] = field(default_factory=list[float])


@dataclass(frozen=True)
class Refusal:
    """How a websocket upgrade is refused; `retry_after` in seconds."""

    status: int
    retry_after: float | None


@dataclass(frozen=True)
class ControlRefusal:
    """An error given to a control message; without a message it is not answered at all."""

    code: int = 0
    message: str = ""


@dataclass
class SocketFaults:
    """Faults of websocket upgrades, by path, and of control messages, by method."""

    upgrades: Rules[Refusal] = field(default_factory=lambda: Rules[Refusal]())
    controls: Rules[ControlRefusal] = field(
        default_factory=lambda: Rules[ControlRefusal](caseless=True)
    )
