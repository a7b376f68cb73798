"""From what a websocket session carries to what it should carry.

What is wanted, what the exchange has confirmed and what is under way are three sets of stream
names; whatever happens, the next command is what their difference says. So subscribing, leaving,
reconnecting and a refusal are all one thing: converging.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice

from .commands import Command, Outcome

_NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class _Sent:
    """A command without an answer so far, and when it was given out."""

    command: Command
    at: float
    renews: bool = False


@dataclass(slots=True)
class _Trial:
    """A stream that was carried until it was to be begun anew: a refusal of that may pass.

    Attributes:
        count: How often it was refused since.
        at: When it is tried again.
    """

    count: int
    at: float


_TRIALS = 5
_PAUSE = 1.0
"""Seconds from the first refusal to the next attempt; each pause is twice the last one."""


class Convergence:
    """What one session wants, has confirmed, and must send next.

    Args:
        max_batch: The most streams in one command.
        answer_timeout: Seconds within which the exchange answers a command.
        limit: The most streams that the exchange allows on one session, `None` for no limit.
        characters: The most that all their names together may be long, `None` for no limit. A
            longer name is tried where there is no other: the exchange refuses it.
    """

    def __init__(
        self,
        max_batch: int = 100,
        answer_timeout: float = 10.0,
        limit: int | None = None,
        characters: int | None = None,
    ) -> None:
        self._max_batch = max_batch
        self._answer_timeout = answer_timeout
        self._limit = limit
        self._characters = characters
        self._connected = False
        self._id = 0
        # Dictionaries serve as sets that keep their order: commands come in the order of wishes.
        self._wanted: dict[str, None] = {}
        self._confirmed: dict[str, None] = {}
        self._refused: set[str] = set()
        self._in_flight: dict[int, _Sent] = {}
        self._moving: set[str] = set()
        self._halves: deque[tuple[str, ...]] = deque()
        self._renewals: dict[str, None] = {}
        self._ended: tuple[str, ...] = ()  # to be begun again, before anything else
        self._lost: dict[str, _Trial] = {}
        self._now = 0.0

    @property
    def wanted(self) -> frozenset[str]:
        """The streams that should be carried."""
        return frozenset(self._wanted)

    @property
    def confirmed(self) -> frozenset[str]:
        """The streams that the exchange has confirmed on this connection."""
        return frozenset(self._confirmed)

    @property
    def carried(self) -> frozenset[str]:
        """The confirmed streams that no unsubscribe under way is about to end."""
        return frozenset(self._confirmed.keys() - self._moving)

    @property
    def pending(self) -> frozenset[str]:
        """The streams that are wanted, and neither confirmed nor refused."""
        return frozenset(self._wanted.keys() - self._confirmed.keys() - self._refused)

    def want(self, names: Collection[str]) -> None:
        """Replace what is wanted. A stream that was refused is tried again once it left."""
        self._wanted = dict.fromkeys(names)
        self._lost = {name: trial for name, trial in self._lost.items() if name in self._wanted}
        self._refused &= self._wanted.keys()

    @property
    def is_settled(self) -> bool:
        """Whether everything that is wanted is carried, or was refused, and no answer is due."""
        return self._connected and not self._in_flight and not self.pending

    def dropped(self, names: Collection[str]) -> frozenset[str]:
        """The exchange does not carry these after all: those that it was believed to carry."""
        found = self.carried & set(names)
        for name in found:
            del self._confirmed[name]
        return found

    def retry_refused(self, names: Collection[str] | None = None) -> None:
        """Whoever was told of a refusal is gone: let it be told again.

        Args:
            names: Of these streams; None for all.
        """
        if names is None:
            self._refused.clear()
        else:
            self._refused.difference_update(names)

    def connected(self, now: float) -> None:
        """A new connection carries nothing; answers to commands of an earlier one are ignored."""
        del now
        self._forget()
        self._connected = True

    def disconnected(self) -> frozenset[str]:
        """The connection is gone: the streams that it carried."""
        lost = self.confirmed
        self._forget()
        self._connected = False
        return lost

    def renew(self, name: str) -> None:
        """Have a stream that is carried ended and begun again, at once: nobody leaves it."""
        if name in self.carried:
            self._moving.add(name)
            self._renewals[name] = None

    @property
    def next_commands(self) -> int:
        """How many commands belong together, at least: between them streams are missing."""
        return 2 if self._renewals and not self._ended else 1

    def next_command(self, now: float) -> Command | None:
        """What to send next, `None` if there is nothing to send. It counts as sent.

        Subscribing comes first, unless the session has no room left for it. No stream is in two
        commands at a time.
        """
        if not self._connected:
            return None
        self._now = now
        if (ended := self._ended) or self._renewals:
            names = ended or tuple(islice(self._renewals, self._max_batch))
            self._ended = () if ended else names
            for name in self._ended:
                del self._renewals[name]
            return self._sent(bool(ended), names, now, renews=True)
        names, subscribe = self._due_subscribe(), True
        if not names:
            names, subscribe = self._due_unsubscribe(), False
        return self._sent(subscribe, names, now) if names else None

    def _sent(
        self, subscribe: bool, names: tuple[str, ...], now: float, *, renews: bool = False
    ) -> Command:
        self._id += 1
        command = Command(self._id, subscribe, names)
        self._in_flight[command.id] = _Sent(command, now, renews)
        self._moving.update(names)
        return command

    def answered(self, id: int, error: object | None, now: float) -> Outcome:
        """The exchange answered a command.

        A refused command for several streams is sent again in halves, so that one bad name does
        no harm to the others. Only a stream refused by itself is refused, and not tried again
        until it leaves what is wanted and comes back. One that was carried until it was to be begun
        anew is tried again for a while before.

        Args:
            id: The number of the command; an unknown one is ignored.
            error: What the exchange refused it with; `None` if it did as told.
            now: Monotonic seconds.
        """
        sent = self._in_flight.pop(id, None)
        if sent is None:
            return _NOTHING
        names = sent.command.names
        if sent.renews and not sent.command.subscribe:
            return _NOTHING  # its other half is under way
        self._moving.difference_update(names)
        if sent.renews:
            if error is None:
                return _NOTHING
            for name in names:
                self._confirmed.pop(name, None)
                self._lost[name] = _Trial(0, now)
            return Outcome(removed=names)
        if not sent.command.subscribe:
            # What cannot be unsubscribed from is not subscribed to.
            for name in names:
                self._confirmed.pop(name, None)
            return Outcome(removed=names)
        if error is None:
            self._confirmed.update(dict.fromkeys(names))
            for name in names:
                self._lost.pop(name, None)
            return Outcome(confirmed=names)
        if len(names) > 1:
            middle = len(names) // 2
            self._halves += (names[:middle], names[middle:])
            return _NOTHING
        name = "".join(names)  # the one that is left
        if (trial := self._lost.get(name)) is not None and trial.count < _TRIALS:
            trial.at = now + _PAUSE * 2**trial.count
            trial.count += 1
            return _NOTHING
        self._lost.pop(name, None)
        self._refused |= self._wanted.keys() & {name}
        return Outcome(refused=((name, error),))

    def overdue(self, now: float) -> bool:
        """Whether an answer is missing: the connection cannot be trusted any more."""
        deadline = self.next_deadline()
        return deadline is not None and now >= deadline

    def next_deadline(self) -> float | None:
        """When the next answer is due, in monotonic seconds; `None` while none is awaited."""
        oldest = next(iter(self._in_flight.values()), None)
        return oldest.at + self._answer_timeout if oldest is not None else None

    def _due_subscribe(self) -> tuple[str, ...]:
        room = min(self._max_batch, self._room())
        if room < 1:
            return ()
        while self._halves:
            # A half fits: its command had room, and nothing else takes that before it.
            if due := tuple(filter(self._is_due, self._halves.popleft())):
                return due
        return self._short_enough(islice(filter(self._is_due, self._wanted), room))

    def _due_unsubscribe(self) -> tuple[str, ...]:
        due = (n for n in self._confirmed if n not in self._wanted and n not in self._moving)
        return tuple(islice(due, self._max_batch))

    def _is_due(self, name: str) -> bool:
        if name in self._confirmed or name in self._moving or name in self._refused:
            return False
        trial = self._lost.get(name)
        return name in self._wanted and (trial is None or trial.at <= self._now)

    def _room(self) -> int:
        """How many more streams the exchange lets this session carry."""
        if self._limit is None:
            return self._max_batch
        return self._limit - len(self._confirmed.keys() | self._moving)

    def _short_enough(self, names: Iterable[str]) -> tuple[str, ...]:
        """The first of these, as far as the session has room for their characters."""
        if self._characters is None:
            return tuple(names)
        taken = self._confirmed.keys() | self._moving
        length = sum(map(len, taken))
        fitting: list[str] = []
        for name in names:
            length += len(name)
            if length > self._characters and (taken or fitting):
                break  # what follows waits its turn, though it may be shorter
            fitting.append(name)
        return tuple(fitting)

    def _forget(self) -> None:
        self._confirmed.clear()
        self._in_flight.clear()
        self._moving.clear()
        self._halves.clear()
        self._renewals.clear()
        self._lost.clear()
        self._ended = ()
