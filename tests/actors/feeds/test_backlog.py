"""What a subscriber has not taken: nothing is lost or moved, whatever comes and goes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exchange_connector.actors.feeds.backlog import Backlog, Parcel
from exchange_connector.actors.feeds.mailbox import Mailbox
from exchange_connector.messages.enums import Channel, Overflow, Side
from exchange_connector.messages.lifecycle import SubscriberLagged
from exchange_connector.messages.market import Trade
from exchange_connector.messages.subscriptions import Subscription

ONE: Any = 1


def trade(number: int) -> Trade:
    """A trade with an id."""
    return Trade("sim", "X", number, number, str(number), ONE, ONE, Side.BUY, number)


def mailbox(name: str, *, room: int = 100, overflow: Overflow = Overflow.DROP_OLDEST) -> Mailbox:
    """One that needs no feed, alive on connection 1."""
    feed: Any = None
    subscription = Subscription(name, Channel.TRADES, "X")
    made = Mailbox("sim", subscription, feed, max_pending=room, overflow=overflow)
    made.live_on = 1
    return made


def leave(backlog: Backlog, parcel: Parcel) -> None:
    """As a feed does it: as a parcel if that is possible, else one by one."""
    if not backlog.take_up(parcel, 1):
        for box, item in parcel:
            backlog.add(box, item)


def everything(backlog: Backlog) -> list[tuple[Mailbox, Any]]:
    """What is in it, taken."""
    taken: list[tuple[Mailbox, Any]] = []
    while parcel := backlog.take():
        taken += parcel
    return taken


parcels = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), max_size=12)


@given(parcels, st.data())
def test_with_room_everything_comes_in_the_order_it_came(
    plan: list[list[int]], data: st.DataObject
) -> None:
    """Across mailboxes too, whoever takes in between, whether as parcels or one by one."""
    backlog, boxes = Backlog(), [mailbox(name) for name in "abc"]
    sent: list[tuple[Mailbox, Any]] = []
    taken: list[tuple[Mailbox, Any]] = []
    for wanted in plan:
        parcel: Parcel = [(boxes[each], trade(len(sent) + at)) for at, each in enumerate(wanted)]
        sent += parcel
        if data.draw(st.booleans()):
            leave(backlog, parcel)
        else:
            for box, item in parcel:
                backlog.add(box, item)
        if data.draw(st.booleans()):
            taken += backlog.take()
    taken += everything(backlog)
    assert taken == sent
    assert backlog.left_over() == 0


@given(parcels, st.sampled_from([Overflow.DROP_OLDEST, Overflow.CONFLATE]), st.integers(1, 5))
@settings(max_examples=200)
def test_without_room_each_is_taken_in_order_or_counted(
    plan: list[list[int]], overflow: Overflow, room: int
) -> None:
    """And no mailbox holds more than it may."""
    backlog = Backlog()
    boxes = [mailbox(name, room=room, overflow=overflow) for name in "abc"]
    counts = dict.fromkeys(boxes, 0)
    for wanted in plan:
        parcel: Parcel = []
        for each in wanted:
            parcel.append((boxes[each], trade(counts[boxes[each]])))
            counts[boxes[each]] += 1
        leave(backlog, parcel)
        assert all(len(box.pending) <= room for box in boxes)
        assert backlog.left_over() <= room * len(boxes)
    due = dict.fromkeys(boxes, 0)
    for box, item in everything(backlog):
        if isinstance(item, SubscriberLagged):
            due[box] += item.dropped
        else:
            assert item == trade(due[box])
            due[box] += 1
    assert due == counts


def test_a_parcel_is_looked_at_one_by_one_where_something_is_odd() -> None:
    """A mailbox that is closed, alive on another connection, or full."""
    fine = mailbox("fine")
    for field, value in {"is_closed": True, "live_on": 2, "max_pending": 1}.items():
        odd = mailbox("odd")
        setattr(odd, field, value)
        assert not Backlog().take_up([(fine, trade(1)), (odd, trade(1))], 1)
    assert Backlog().take_up([(fine, trade(1)), (mailbox("other"), trade(1))], 1)


def test_parcels_are_taken_up_again_once_the_subscriber_has_caught_up() -> None:
    """Until then what comes stands behind what is there."""
    backlog, box = Backlog(), mailbox("one", room=2)
    leave(backlog, [(box, trade(number)) for number in range(3)])
    assert not backlog.take_up([(box, trade(3))], 1)
    assert [item for _, item in everything(backlog)][-1] == trade(2)
    assert backlog.take_up([(box, trade(3))], 1)


@pytest.mark.parametrize(("overflow", "held"), [(Overflow.BLOCK, True), (Overflow.CONFLATE, False)])
def test_only_who_wants_to_be_waited_for_holds_up(overflow: Overflow, held: bool) -> None:
    """And only while something is there to be taken."""
    backlog, box = Backlog(), mailbox("one", room=2, overflow=overflow)
    parcel: Parcel = [(box, trade(1)), (box, trade(2))]
    assert not backlog.is_held_up(parcel)
    assert backlog.take_up(parcel, 1)
    assert backlog.is_held_up(parcel) is held
    other: Parcel = [*parcel, (mailbox("other"), trade(1))]
    assert not backlog.is_held_up(other)


@given(parcels, st.lists(st.integers(1, 4), min_size=1, max_size=8), st.booleans())
def test_what_is_taken_in_pieces_is_taken_in_order(
    plan: list[list[int]], pieces: list[int], odd_one: bool
) -> None:
    """However few are taken at a time, and whatever is put behind what remains of a parcel."""
    backlog, boxes = Backlog(), [mailbox(name) for name in "abc"]
    sent: list[tuple[Mailbox, Any]] = []
    taken: list[tuple[Mailbox, Any]] = []
    for turn, wanted in enumerate(plan):
        parcel: Parcel = [(boxes[each], trade(len(sent) + at)) for at, each in enumerate(wanted)]
        sent += parcel
        leave(backlog, parcel)
        most = pieces[turn % len(pieces)]
        piece = backlog.take(most)
        assert 0 < len(piece) <= most
        taken += piece
        if odd_one:
            sent.append((boxes[0], trade(len(sent))))
            backlog.add(*sent[-1])
        assert len(taken) + backlog.left_over() == len(sent)
    assert taken + everything(backlog) == sent


class Model(RuleBasedStateMachine):
    """Two subscriptions with room for five, against lists of what each should get."""

    def __init__(self) -> None:
        super().__init__()
        self.backlog = Backlog()
        self.boxes = [mailbox(name, room=5) for name in "ab"]
        self.sent: dict[Mailbox, list[int]] = {box: [] for box in self.boxes}
        self.got: dict[Mailbox, list[int]] = {box: [] for box in self.boxes}
        self.dropped = dict.fromkeys(self.boxes, 0)
        self.count = 0

    def items(self, wanted: list[int]) -> Parcel:
        """Trades for these subscriptions, noted as sent."""
        made: Parcel = []
        for each in wanted:
            self.count += 1
            made.append((self.boxes[each], trade(self.count)))
            if not self.boxes[each].is_closed:
                self.sent[self.boxes[each]].append(self.count)
        return made

    def note(self, parcel: Parcel) -> None:
        """As a feed delivers it: nothing to who has left."""
        for box, item in parcel:
            if isinstance(item, SubscriberLagged):
                self.dropped[box] += item.dropped
            elif isinstance(item, Trade) and not box.is_closed:
                self.got[box].append(int(item.trade_id))

    @rule(wanted=st.lists(st.integers(0, 1), min_size=1, max_size=4))
    def leave_a_parcel(self, wanted: list[int]) -> None:
        """As a reader does."""
        made = self.items(wanted)
        if not self.backlog.take_up(made, 1):
            for box, item in made:
                if not box.is_closed:
                    self.backlog.add(box, item)

    @rule(most=st.none() | st.integers(1, 3))
    def take(self, most: int | None) -> None:
        """As a feed does."""
        self.note(self.backlog.take(most))

    @rule(which=st.integers(0, 1))
    def close(self, which: int) -> None:
        """As a feed does."""
        box = self.boxes[which]
        box.is_closed = True
        box.pending.clear()

    @invariant()
    def nothing_is_moved_or_lost(self) -> None:
        """What each got is in order; with what was dropped and what waits it is all."""
        for box in self.boxes:
            assert self.got[box] == sorted(set(self.got[box]))
            assert len(box.pending) <= box.max_pending
            assert box.slots == sum(each is box for each in self.backlog._turns)
        living = [box for box in self.boxes if not box.is_closed]
        waiting = sum(len(self.sent[box]) - len(self.got[box]) for box in living)
        untold = sum(self.dropped[box] + box.dropped for box in living)
        assert self.backlog.left_over() == waiting - untold


TestModel = Model.TestCase


def test_who_has_left_holds_nobody_up() -> None:
    """Its `block` counts no longer, though others of the same subscriber are slow."""
    backlog = Backlog()
    slow, gone = mailbox("slow"), mailbox("gone", room=1, overflow=Overflow.BLOCK)
    assert backlog.take_up([(slow, trade(1))], 1)
    assert backlog.is_held_up([(gone, trade(1))])
    gone.is_closed = True
    assert not backlog.is_held_up([(gone, trade(1))])
    assert not backlog.is_held_up([(gone, trade(1)), (slow, trade(2))])


def test_what_is_left_for_who_has_left_is_not_counted() -> None:
    """In parcels, and in turns."""
    backlog, gone, stays = Backlog(), mailbox("gone"), mailbox("stays")
    assert backlog.take_up([(gone, trade(1)), (stays, trade(1))], 1)
    gone.is_closed = True
    assert backlog.left_over() == 1
    backlog.add(stays, trade(2))
    backlog.add(gone, trade(2))
    assert backlog.left_over() == 2


@pytest.mark.parametrize("odd", ["left", "new connection"])
def test_with_room_nobody_is_held_up(odd: str) -> None:
    """What has to be looked at one by one, though there is room, is; it need not wait for that."""
    backlog = Backlog()
    stays, other = (mailbox(name, overflow=Overflow.BLOCK) for name in ("stays", "other"))
    assert backlog.take_up([(stays, trade(1)), (other, trade(1))], 1)
    other.is_closed = odd == "left"
    epoch = 1 if odd == "left" else 2
    parcel: Parcel = [(stays, trade(2)), (other, trade(2))]
    assert not backlog.take_up(parcel, epoch)
    assert not backlog.is_held_up(parcel)
