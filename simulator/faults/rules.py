"""Rules by which the exchange misbehaves; a rule lasts for `count` uses or until cleared."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
FramePredicate = Callable[[str, str], bool]
EVERY = "*"


@dataclass
class Rule(Generic[T]):
    """Something to do, and how often still (`None`: until cleared)."""

    what: T
    remaining: int | None


class Rules(Generic[T]):
    """Rules by path or method. Several for one are used in the order they were given."""

    def __init__(self) -> None:
        self._rules: dict[str, deque[Rule[T]]] = {}

    def add(self, path: str, what: T, count: int | None) -> None:
        """Do `what` at the next `count` requests of `path` (`"*"`: of any path)."""
        if count is None or count > 0:
            self._rules.setdefault(path, deque()).append(Rule(what, count))

    def take(self, path: str) -> T | None:
        """What to do at a request of `path`; uses the rule up by one."""
        for key in (path, EVERY):
            rules = self._rules.get(key)
            if rules:
                return self._use(rules)
        return None

    def clear(self, path: str | None) -> None:
        """Forget the rules of `path`, or all."""
        if path is None:
            self._rules.clear()
        else:
            self._rules.pop(path, None)

    @staticmethod
    def _use(rules: deque[Rule[T]]) -> T:
        rule = rules[0]
        if rule.remaining is not None:
            rule.remaining -= 1
            if rule.remaining == 0:
                rules.popleft()
        return rule.what


@dataclass(frozen=True)
class Canned:
    """An answer given instead of the exchange's own."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Delay:
    """Seconds to wait, before the handler reads its clock or after."""

    seconds: float
    where: Literal["before", "after"]


@dataclass
class RestFaults:
    """Faults of REST paths."""

    canned: Rules[Canned] = field(default_factory=lambda: Rules[Canned]())
    before: Rules[float] = field(default_factory=lambda: Rules[float]())
    after: Rules[float] = field(default_factory=lambda: Rules[float]())
    drips: Rules[float] = field(default_factory=lambda: Rules[float]())
    resets: Rules[bool] = field(default_factory=lambda: Rules[bool]())

    def clear(self, path: str | None) -> None:
        """Forget every fault of `path`, or all."""
        self.canned.clear(path)
        self.before.clear(path)
        self.after.clear(path)
        self.drips.clear(path)
        self.resets.clear(path)


@dataclass
class Refusal:
    """How websocket upgrades are refused."""

    status: int
    retry_after: float | None
    remaining: int | None


@dataclass
class FrameRule:
    """Frames to lose or to double: of a stream (`None`: any) that a predicate accepts."""

    stream: str | None
    remaining: int | None
    when: FramePredicate | None
    copies: int

    def applies(self, stream: str, payload: bytes) -> bool:
        """Whether the frame is one of those."""
        if self.remaining == 0 or self.stream not in (None, stream):
            return False
        return self.when is None or self.when(stream, payload.decode("utf-8", "replace"))


class FrameFaults:
    """How often each data frame is sent: usually once."""

    def __init__(self) -> None:
        self.rules: list[FrameRule] = []
        self.lost: deque[tuple[str, str]] = deque(maxlen=10_000)

    def copies(self, stream: str, payload: bytes) -> int:
        """How often to send this frame of `stream`."""
        if not self.rules:
            return 1
        for rule in self.rules:
            if rule.applies(stream, payload):
                return self._use(rule, stream, payload)
        return 1

    def _use(self, rule: FrameRule, stream: str, payload: bytes) -> int:
        if rule.remaining is not None:
            rule.remaining -= 1
            if rule.remaining == 0:
                self.rules.remove(rule)
        if not rule.copies:
            self.lost.append((stream, payload.decode("utf-8", "replace")))
        return rule.copies


@dataclass(frozen=True)
class ControlRefusal:
    """An error given to a control message; without a message it is not answered at all."""

    code: int = 0
    message: str = ""
