"""The account of one stream: what the market said, and what became of each event of it.

    said = delivered + told as missed + lost without notice

A pure machine. What was said is a sequence of `Said`, what a subscriber got a sequence of `Item`s,
both in their order. The account begins with the first event delivered; it ends with the last one,
or, once everything has had time to arrive (`is_complete`), with the last one said.

Between two live events that were delivered there is a hole, if any were said in between. Of what
is in a hole and was not recovered (fetched afterwards and delivered there)

- a notice that names ids tells of exactly those;
- a notice that does not name the last one tells of everything in the hole;
- a notice of a number tells of so many of the rest, and there must be so many;
- whatever is left was lost without notice.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """An event of the market.

    Attributes:
        key: What tells it from all others of its stream.
        first: The first of the ids that it has, None where events have none that notices name.
        last: The last one.
        is_state: Whether it is a whole state, or stands for one: behind a notice the one that came
            last may come again, since a stream begins afresh with what is so at that time.
        is_aside: Whether one connection alone was told it: it may come, in its place, and nobody
            misses it.
        times: How often it was said.
    """

    key: Hashable
    first: int | None = None
    last: int | None = None
    is_state: bool = False
    is_aside: bool = False
    times: int = 1


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event that the subscriber got; `is_recovered` if it was fetched afterwards."""

    key: Hashable
    is_recovered: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """A notice that events are missing here, with the ids that it names."""

    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """A notice that so many events are missing here."""

    count: int


Item = Delivered | Missed | Dropped


@dataclass
class Account:
    """What became of every event within the account.

    Attributes:
        said: How many there are.
        delivered: Of them, how many the subscriber got, live or recovered.
        recovered: Of those, how many recovered.
        told: How many a notice told of.
        lost: The keys of those that nobody told of.
        doubled: The keys of those that came again.
        disordered: The keys of those that came, for the first time, after a later one.
        strange: The keys of what was delivered and never said.
        unsaid: The keys of what was recovered and never said: the exchange has made it meanwhile,
            such as a candle that closed while it sent nothing.
        wrong: In words, the notices that do not agree with what is missing.
        notices: How many notices there were.
    """

    said: int = 0
    delivered: int = 0
    recovered: int = 0
    told: int = 0
    lost: list[Hashable] = field(default_factory=list[Hashable])
    doubled: list[Hashable] = field(default_factory=list[Hashable])
    disordered: list[Hashable] = field(default_factory=list[Hashable])
    strange: list[Hashable] = field(default_factory=list[Hashable])
    unsaid: list[Hashable] = field(default_factory=list[Hashable])
    wrong: list[str] = field(default_factory=list[str])
    notices: int = 0

    @property
    def is_true(self) -> bool:
        """Whether nothing was lost or doubled in silence, and every notice was right."""
        faults = self.lost, self.doubled, self.disordered, self.strange, self.wrong
        return not any(faults)

    @property
    def balances(self) -> bool:
        """Whether every event is in one place, and in one only."""
        return self.said == self.delivered + self.told + len(self.lost)


def account(said: Sequence[Said], got: Iterable[Item], *, is_complete: bool) -> Account:
    """Account for a stream.

    Args:
        said: Everything the market said, in order.
        got: Everything the subscriber got, in order.
        is_complete: Whether all that was said has had time to arrive.
    """
    book = _Book(said)
    for item in got:
        book.enter(item)
    return book.closed(is_complete=is_complete)


class _Book:
    """An account that is being made. A place is the index of an event in what was said."""

    def __init__(self, said: Sequence[Said]) -> None:
        self._said = said
        self._places = {event.key: place for place, event in enumerate(said)}
        self._account = Account()
        self._begin: int | None = None
        self._next = 0
        """The place of what should come next, were nothing missing."""
        self._delivered = set[int]()
        self._missing: list[int] = []  # in the present hole
        self._refound = set[int]()  # in it, recovered
        self._notices: list[Missed | Dropped] = []  # in it

    def enter(self, item: Item) -> None:
        """Take what the subscriber got next."""
        if not isinstance(item, Delivered):
            self._account.notices += 1
            self._notices.append(item)
            return
        place = self._places.get(item.key)
        if place is None:
            found = self._account
            (found.unsaid if item.is_recovered else found.strange).append(item.key)
        elif self._begin is None:
            self._begin, self._next = place, place + 1
            self._notices.clear()  # of what was before the account began
            self._deliver(place, item)
        elif self._is_again(place):
            self._close_hole()
        elif place < self._next:
            known = place in self._delivered
            (self._account.doubled if known else self._account.disordered).append(item.key)
            self._delivered.add(place)
        else:
            self._go_to(place, item)

    def closed(self, *, is_complete: bool) -> Account:
        """The account."""
        if self._begin is not None:
            if is_complete:
                self._miss(len(self._said))
                self._next = len(self._said)
            if is_complete or self._missing:
                self._close_hole(is_open=not is_complete)
            within = self._said[self._begin : self._next]
            self._account.said = sum(not each.is_aside for each in within)
            self._take_back_what_came_late()
        return self._account

    def _take_back_what_came_late(self) -> None:
        """It was missing in its place, and came out of order: that is its fault, not its loss."""
        found = self._account
        lost = [key for key in found.lost if self._places[key] not in self._delivered]
        found.delivered += len(found.lost) - len(lost)
        found.lost = lost

    def _is_again(self, place: int) -> bool:
        """Whether it is the state that came last, behind a notice."""
        is_told = any(isinstance(each, Missed) for each in self._notices)
        return is_told and place == self._next - 1 and self._said[place].is_state

    def _miss(self, end: int) -> None:
        """What should have come before that place has not."""
        places = range(self._next, end)
        self._missing.extend(each for each in places if not self._said[each].is_aside)

    def _go_to(self, place: int, item: Delivered) -> None:
        self._miss(place)
        self._next = place + 1
        if item.is_recovered:
            self._refound.add(place)
        else:
            self._close_hole()
        self._deliver(place, item)

    def _deliver(self, place: int, item: Delivered) -> None:
        self._delivered.add(place)
        if self._said[place].is_aside:
            return
        self._account.delivered += 1
        self._account.recovered += item.is_recovered

    def _close_hole(self, *, is_open: bool = False) -> None:
        """Judge what is missing in a hole by the notices that stand in it.

        Args:
            is_open: Whether the hole goes on beyond the account, so that no count can be wrong.
        """
        notices, self._notices = self._notices, []
        missing, self._missing = self._missing, []
        hole, self._refound = self._refound | set(missing), set[int]()
        left = [place for place in missing if not self._is_named(place, notices)]
        self._check_names(hole, notices)
        dropped = sum(each.count for each in notices if isinstance(each, Dropped))
        if any(isinstance(each, Missed) and each.last is None for each in notices):
            lost = list[int]()
        else:
            lost = left[dropped:]
        if dropped > len(left) and not is_open:
            self._account.wrong.append(f"{dropped} dropped, {len(left)} missing")
        self._account.lost.extend(self._said[place].key for place in lost)
        self._account.told += len(missing) - len(lost)

    def _is_named(self, place: int, notices: list[Missed | Dropped]) -> bool:
        event = self._said[place]
        return any(
            isinstance(each, Missed)
            and None not in (each.first, each.last, event.first, event.last)
            and _within(event, each)
            for each in notices
        )

    def _check_names(self, hole: set[int], notices: list[Missed | Dropped]) -> None:
        """Ids that a notice names are the first and the last of events in its hole."""
        firsts = {self._said[place].first for place in hole}
        lasts = {self._said[place].last for place in hole}
        for each in notices:
            if not isinstance(each, Missed):
                continue
            if each.last is None and not hole:  # it named no end, and there was none
                continue
            if each.first is not None and each.first not in firsts:
                self._account.wrong.append(f"{each.first} is not the first that is missing")
            if each.last is not None and each.last not in lasts:
                self._account.wrong.append(f"{each.last} is not the last that is missing")


def _within(event: Said, notice: Missed) -> bool:
    assert notice.first is not None
    assert notice.last is not None
    assert event.first is not None
    assert event.last is not None
    return notice.first <= event.first and event.last <= notice.last
