"""How each kind of fault is done, and undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from ..clock import Clock
from ..interface import Interface, Meter
from ..wire.gate import Gate
from ..wire.hub import Hub
from . import kinds, links
from .frames import FramePredicate, FrameRule
from .kinds import NOT_EVERYWHERE, Counted, Fault, FrameFault, RestFault
from .reading import FaultError, name_of
from .rules import (
    Canned,
    ControlRefusal,
    LostAnswer,
    Quota,
    Refusal,
    RestFaults,
    Rules,
)

T = TypeVar("T")
JSON = {"Content-Type": "application/json;charset=UTF-8"}


@dataclass(frozen=True)
class Effect:
    """A fault that has begun: how it ends, and whether it has ended by itself."""

    undo: Callable[[], None]
    is_over: Callable[[], bool] = lambda: False
    quota: Quota | None = None


@dataclass
class Effects:
    """Begins faults on the parts of an exchange."""

    hub: Hub
    interface: Interface
    rest: RestFaults
    clock: Clock
    meter: Meter
    gate: Gate
    seed: int
    _shut: Counter[Gate] = field(default_factory=lambda: Counter[Gate]())
    _clock_faults: dict[int, Fault] = field(default_factory=lambda: dict[int, Fault]())
    _clock_offset: float = 0.0
    _begun: int = 0

    def begin(self, fault: Fault, when: FramePredicate | None) -> Effect | None:
        """Let a fault begin; `None` if it is over at once. Only frames are chosen by `when`."""
        if when is not None and not isinstance(fault, FrameFault):
            raise TypeError("when: only frames are chosen by it")
        self.check(fault)
        self._begun += 1
        match fault:
            case FrameFault():
                return self._of_frames(fault, when)
            case RestFault():
                return self._of_requests(fault)
            case Counted():
                return self._of_sockets(fault)
            case kinds.SkewClock() | kinds.StepClock():
                return self._of_the_clock(fault)
            case kinds.Ban(seconds=seconds):
                return self._ban(seconds)
            case kinds.LagTrades(seconds=seconds):
                self.rest.lags.append(seconds)
                return Effect(lambda: self.rest.lags.remove(seconds))
            case kinds.Stall() | kinds.Freeze() | kinds.Hold():
                return self._shutting(self._gate_of(fault))
            case _:
                self._at_once(fault)
                return None

    def check(self, fault: Fault) -> None:
        """Raise `FaultError` for a fault that this exchange cannot have."""
        if isinstance(fault, NOT_EVERYWHERE) and not isinstance(fault, self.interface.own_faults):
            raise FaultError([f"fault: {name_of(type(fault))!r} is none of this exchange's"])

    def _at_once(self, fault: Fault) -> None:
        match fault:
            case kinds.Cut(connection=connection):
                links.cut(self.hub, connection)
            case kinds.Close(connection=connection, code=code, reason=reason):
                links.close(self.hub, connection, code, reason)
            case kinds.AnnounceShutdown() | kinds.ResendSnapshots() | kinds.RestartBooks():
                self.interface.do(fault)
            case kinds.Forget(stream=stream):
                links.forget(self.hub, stream)
            case kinds.Inject():
                links.inject(self.hub, fault.content(), fault.stream, binary=fault.binary)
            case _:
                raise TypeError(f"{type(fault).__name__} is no fault that can be applied")

    def _of_frames(self, fault: FrameFault, when: FramePredicate | None) -> Effect:
        faults, quota = self.hub.faults, self._quota(fault)
        rule = FrameRule(fault, quota, when)
        faults.add(rule)
        return Effect(lambda: faults.remove(rule), lambda: not faults.uses(rule), quota)

    def _of_requests(self, fault: RestFault) -> Effect:
        match fault:
            case kinds.Answer(status=status, headers=headers):
                canned = Canned(status, fault.content(), JSON | headers)
                return self._rule(self.rest.canned, fault.path, canned, fault)
            case kinds.Delay(seconds=seconds, where=where):
                rules = self.rest.before if where == "before" else self.rest.after
                return self._rule(rules, fault.path, seconds, fault)
            case kinds.Drip(bytes_per_second=pace):
                return self._rule(self.rest.drips, fault.path, pace, fault)
            case kinds.ResetRest():
                return self._rule(self.rest.resets, fault.path, True, fault)
            case kinds.LoseAnswer(status=status, done=done, silent=silent):
                lost = LostAnswer(status, done, silent)
                return self._rule(self.rest.lost_answers, fault.path, lost, fault)
            case kinds.RefuseTimestamps(path=path, ahead=ahead):
                return self._rule(self.rest.timestamps, path, ahead, fault)
            case _:
                raise TypeError(f"{type(fault).__name__} is no fault of requests")

    def _of_sockets(self, fault: Counted) -> Effect:
        sockets = self.interface.socket_faults
        match fault:
            case kinds.RefuseUpgrades(path=path, status=status, retry_after=retry_after):
                return self._rule(sockets.upgrades, path, Refusal(status, retry_after), fault)
            case kinds.RefuseControls(method=method, code=code, message=message):
                refusal = ControlRefusal(code, message)
                return self._rule(sockets.controls, method, refusal, fault)
            case kinds.IgnoreControls(method=method):
                return self._rule(sockets.controls, method, ControlRefusal(), fault)
            case _:
                raise TypeError(f"{type(fault).__name__} is no fault of websockets")

    def _of_the_clock(self, fault: Fault) -> Effect:
        if not self._clock_faults:
            self._clock_offset = self.clock.offset
        turn = self._begun
        self._clock_faults[turn] = fault
        self._set_clock()

        def undo() -> None:
            del self._clock_faults[turn]
            self._set_clock()

        return Effect(undo)

    def _set_clock(self) -> None:
        """What the faults of the clock make of it, one after the other."""
        offset = self._clock_offset
        for fault in self._clock_faults.values():
            if isinstance(fault, kinds.SkewClock):
                offset = fault.seconds
            elif isinstance(fault, kinds.StepClock):
                offset += fault.seconds
        self.clock.offset = offset

    def _ban(self, seconds: float) -> Effect:
        number = self.meter.ban(seconds)
        return Effect(lambda: self.meter.lift(number), lambda: self.meter.is_over(number))

    def _gate_of(self, fault: Fault) -> Gate:
        if isinstance(fault, kinds.Stall):
            return self.hub.flowing
        return self.hub.thawed if isinstance(fault, kinds.Freeze) else self.gate

    def _shutting(self, gate: Gate) -> Effect:
        """A gate is shut while any fault wants it so."""
        self._shut[gate] += 1
        gate.shut()

        def undo() -> None:
            self._shut[gate] -= 1
            if not self._shut[gate]:
                gate.open()

        return Effect(undo)

    def _rule(self, rules: Rules[T], name: str, what: T, fault: Counted) -> Effect:
        quota = self._quota(fault)
        rule = rules.add(name, what, quota)
        return Effect(lambda: rules.remove(rule), lambda: quota.spent, quota)

    def _quota(self, fault: Counted) -> Quota:
        """Each fault has chances of its own, which follow from the seed and from its turn."""
        chances = Random(f"faults {self.seed} {self._begun}")
        return Quota(fault.count, fault.skip, fault.chance, chances)
