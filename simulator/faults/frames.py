"""What becomes of data frames that a fault has chosen, between the hub and the connections."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from ..wire.connections import Connection
from ..wire.frames import Opcode, cut_up, encode_fragments, encode_frame, payload_of
from ..wire.gate import Gate
from ..wire.names import matches
from .corruption import spoilt
from .kinds import Corrupt, DelayFrames, Duplicate, FrameFault, Lose, Reorder, Split
from .rules import Quota

logger = logging.getLogger(__name__)
FramePredicate = Callable[[str, str], bool]
Delivery = tuple[Connection, bytes]
Late = deque[tuple[float, list[Delivery]]]
PING = b"between fragments"
MOST_LATE = 100_000  # frames that one rule delays; beyond that the oldest leaves early


@dataclass(eq=False)
class FrameRule:
    """A fault, and the frames that it is for."""

    fault: FrameFault
    quota: Quota
    when: FramePredicate | None = None

    def takes(self, stream: str, payload: bytes) -> bool:
        """Whether the frame is one of those; counts it."""
        fault = self.fault
        if not matches(stream, fault.stream):
            return False
        if fault.containing.encode() not in payload:
            return False
        if self.when is not None and not self.when(stream, payload.decode("utf-8", "replace")):
            return False
        return self.quota.takes()


class FrameFaults:
    """Rules for frames, and the frames that are held back by them.

    The first rule that takes a frame decides about it. `post` hands frames to their connections.
    What leaves later waits for the end of a stall (`flowing`) and of a freeze (`thawed`).
    """

    def __init__(
        self,
        post: Callable[[Iterable[Delivery]], None],
        flowing: Gate,
        thawed: Gate,
    ) -> None:
        self.active = False
        self.lost: deque[tuple[str, str]] = deque(maxlen=10_000)
        self._rules: list[FrameRule] = []
        self._post = post
        self._flowing = flowing
        self._thawed = thawed
        self._held: dict[str, tuple[FrameRule, list[Delivery]]] = {}
        self._late: dict[FrameRule, Late] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, rule: FrameRule) -> None:
        """Take up a rule."""
        self._rules.append(rule)
        self._look()

    def remove(self, rule: FrameRule) -> None:
        """Forget a rule. What it holds back for another frame leaves; what it delays is on its way."""
        if rule in self._rules:
            self._rules.remove(rule)
        for stream, (holder, deliveries) in list(self._held.items()):
            if holder is rule:
                del self._held[stream]
                self._send(deliveries)
        self._look()

    def uses(self, rule: FrameRule) -> bool:
        """Whether a rule takes frames still, or holds some back."""
        holders = (holder for holder, _ in self._held.values())
        return not rule.quota.spent or rule in self._late or rule in holders

    def pass_on(self, stream: str, payload: bytes, deliveries: list[Delivery]) -> None:
        """Post the frames of `stream`, or do with them what a rule says."""
        held = self._held.pop(stream, None)
        if held is not None:
            self._post(deliveries)
            self._post(held[1])
            self._look()
            return
        rule = self._rule_of(stream, payload)
        if rule is None:
            self._post(deliveries)
        else:
            self._do(rule, stream, payload, deliveries)

    def _rule_of(self, stream: str, payload: bytes) -> FrameRule | None:
        for rule in list(self._rules):
            if self._takes(rule, stream, payload):
                if rule.quota.spent:
                    self._rules.remove(rule)
                return rule
        return None

    def _takes(self, rule: FrameRule, stream: str, payload: bytes) -> bool:
        """Whether a rule takes the frame; a predicate that fails ends its rule, not the market."""
        try:
            return rule.takes(stream, payload)
        except Exception:
            logger.exception("a fault ends, since its predicate failed")
            rule.quota.count = 0
            self._rules.remove(rule)
            self._look()
            return False

    def _do(self, rule: FrameRule, stream: str, payload: bytes, deliveries: list[Delivery]) -> None:
        match rule.fault:
            case Lose():
                self.lost.append((stream, payload.decode("utf-8", "replace")))
            case Duplicate(copies=copies):
                self._post(delivery for delivery in deliveries for _ in range(copies))
            case Reorder():
                self._held[stream] = rule, deliveries
            case Corrupt() as fault:
                self._post(_spoilt(deliveries, fault))
            case DelayFrames(seconds=seconds):
                self._delay(rule, seconds, deliveries)
            case Split() as fault:
                self._split(fault, deliveries)
            case _:
                raise TypeError(f"{type(rule.fault).__name__} is no fault of frames")
        self._look()

    def _delay(self, rule: FrameRule, seconds: float, deliveries: list[Delivery]) -> None:
        due = asyncio.get_running_loop().time() + seconds
        late = self._late.get(rule)
        if late is None:
            late = self._late[rule] = Late()
            self._start(self._send_late(rule, late))
        late.append((due, deliveries))
        if len(late) > MOST_LATE:
            self._send(late.popleft()[1])

    async def _send_late(self, rule: FrameRule, late: Late) -> None:
        """Send what one rule delays, each when it is due and in the order it came."""
        loop = asyncio.get_running_loop()
        while late:
            await asyncio.sleep(late[0][0] - loop.time())
            await self._thawed.passed()
            await self._flowing.passed()
            while late and late[0][0] <= loop.time():
                self._send(late.popleft()[1])
        del self._late[rule]

    def _split(self, fault: Split, deliveries: list[Delivery]) -> None:
        for connection, frame in deliveries:
            if connection.begin_pieces(_pieces(frame, fault), fault.pause):
                self._start(self._send_pieces(connection))

    async def _send_pieces(self, connection: Connection) -> None:
        pause: float | None = 0.0
        while pause is not None:
            await asyncio.sleep(pause)
            await self._thawed.passed()
            pause = connection.next_piece()

    def _send(self, deliveries: list[Delivery]) -> None:
        for connection, frame in deliveries:
            connection.send(frame)
            connection.flush()

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _look(self) -> None:
        self.active = bool(self._rules or self._held)


def _spoilt(deliveries: list[Delivery], fault: Corrupt) -> list[Delivery]:
    frames = {frame: b"" for _, frame in deliveries}
    for frame in frames:
        frames[frame] = encode_frame(spoilt(payload_of(frame), fault.how))
    return [(connection, frames[frame]) for connection, frame in deliveries]


def _pieces(frame: bytes, fault: Split) -> list[bytes]:
    if not fault.as_fragments:
        return cut_up(frame, fault.pieces)
    fragments = encode_fragments(payload_of(frame), fault.pieces)
    if fault.ping_between:
        fragments[0] += encode_frame(PING, Opcode.PING)
    return fragments
