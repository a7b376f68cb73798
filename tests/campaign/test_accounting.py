"""The account of a stream: every event is delivered, told as missed, or lost without notice."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.campaign.accounting import (
    Account,
    Delivered,
    Dropped,
    Item,
    Missed,
    Said,
    account,
)


def trades(first: int, last: int) -> list[Said]:
    """Trades with these ids."""
    return [Said(number, number, number) for number in range(first, last + 1)]


def got(*numbers: int) -> list[Item]:
    """Live events with these keys."""
    return [Delivered(number) for number in numbers]


def refound(*numbers: int) -> list[Item]:
    """The same, fetched afterwards."""
    return [Delivered(number, is_recovered=True) for number in numbers]


def of(items: list[Item], last: int = 9, *, is_complete: bool = True) -> Account:
    """The account of the trades 1 to `last`; it balances, whatever came."""
    found = account(trades(1, last), items, is_complete=is_complete)
    assert found.balances
    return found


def test_everything_came() -> None:
    found = of(got(*range(1, 10)))
    assert found.is_true
    assert (found.said, found.delivered, found.told) == (9, 9, 0)


def test_it_begins_with_the_first_that_came() -> None:
    """What was said before the subscription is no business of it, nor a notice of that."""
    found = of([Missed(2, 4), *got(5, 6, 7, 8, 9)])
    assert found.is_true
    assert (found.said, found.delivered) == (5, 5)


def test_it_ends_with_the_last_that_came() -> None:
    """But for a stream that has come to rest it ends with the last that was said."""
    assert of(got(1, 2, 3), is_complete=False).is_true
    found = of(got(1, 2, 3))
    assert found.lost == [4, 5, 6, 7, 8, 9]
    assert of([*got(1, 2, 3), Missed()]).told == 6


def test_nothing_came() -> None:
    """Then there is no account, which a reader sees by its size."""
    found = of([Missed()])
    assert (found.said, found.is_true) == (0, True)


def test_what_nobody_told_of_is_lost() -> None:
    found = of(got(1, 2, 5, 6, 7, 8, 9))
    assert found.lost == [3, 4]
    assert not found.is_true


@pytest.mark.parametrize("notice", [Missed(3, 4), Missed(3, None), Missed(), Dropped(2)], ids=str)
def test_a_notice_in_its_place(notice: Item) -> None:
    """Two are missing where it says so."""
    found = of([*got(1, 2), notice, *got(5, 6, 7, 8, 9)])
    assert found.is_true
    assert (found.delivered, found.told, found.notices) == (7, 2, 1)


@pytest.mark.parametrize("notice", [Missed(3, 4), Missed(), Dropped(2)], ids=str)
@pytest.mark.parametrize("place", [1, 3])
def test_a_notice_in_another_place(notice: Item, place: int) -> None:
    """It stands before or behind what is missing: then that is lost all the same."""
    items = got(1, 2, 5, 6, 7, 8, 9)
    items.insert(place, notice)
    assert of(items).lost == [3, 4]


def test_a_notice_that_names_too_little() -> None:
    found = of([*got(1, 2), Missed(3, 4), *got(7, 8, 9)])
    assert found.lost == [5, 6]
    assert found.told == 2


@pytest.mark.parametrize("notice", [Missed(2, 4), Missed(3, 5), Missed(1, None)], ids=str)
def test_a_notice_that_names_what_came(notice: Item) -> None:
    assert of([*got(1, 2), notice, *got(5, 6, 7, 8, 9)]).wrong


def test_an_empty_hole() -> None:
    """A notice that names no end may be in vain: at a disconnect nobody knows yet."""
    assert of([*got(1, 2), Missed(3, None), *got(*range(3, 10))]).is_true
    assert of([*got(1, 2), Missed(), *got(*range(3, 10))]).is_true
    assert of([*got(1, 2), Missed(3, 3), *got(*range(3, 10))]).wrong
    assert of([*got(1, 2), Dropped(1), *got(*range(3, 10))]).wrong == ["1 dropped, 0 missing"]


def test_a_number_is_exact() -> None:
    """Too many are wrong, and too few leave the rest lost."""
    assert of([*got(1, 2), Dropped(3), *got(5, 6, 7, 8, 9)]).wrong
    assert of([*got(1, 2), Dropped(1), *got(5, 6, 7, 8, 9)]).lost == [4]


def test_a_number_beside_names() -> None:
    """It counts what the others do not tell of."""
    items = [*got(1, 2), Dropped(2), Missed(5, 6), *got(7, 8, 9)]
    assert of(items).is_true
    assert of([*got(1, 2), Dropped(1), Missed(), *got(7, 8, 9)]).is_true


def test_what_was_fetched_afterwards() -> None:
    """It is delivered, though a notice told of it first."""
    found = of([*got(1, 2), Missed(3, None), *refound(3, 4, 5), *got(6, 7, 8, 9)])
    assert found.is_true
    assert (found.delivered, found.recovered, found.told) == (9, 3, 0)
    assert of([*got(1, 2), Missed(3, 5), *refound(3, 4, 5), *got(6, 7, 8, 9)]).is_true


def test_what_could_not_be_fetched() -> None:
    """A notice holds for all of its hole, until the next live event."""
    found = of([*got(1, 2), Missed(3, None), *refound(3), Missed(4, 5), *refound(6), *got(7, 8, 9)])
    assert found.is_true
    assert (found.delivered, found.told) == (7, 2)
    assert of([*got(1, 2), Missed(), *refound(4), *got(7, 8, 9)]).told == 3


def test_fetched_without_a_notice() -> None:
    assert of([*got(1, 2), *refound(3), *got(5, 6, 7, 8, 9)]).lost == [4]


def test_twice() -> None:
    found = of(got(1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 2))
    assert found.doubled == [3, 2]


def test_too_late() -> None:
    """What comes behind a later one is out of order; that is no loss."""
    found = of(got(1, 2, 4, 3, 5, 6, 7, 8, 9))
    assert (found.lost, found.disordered, found.delivered) == ([], [3], 9)
    assert not found.is_true
    assert of(got(1, 2, 4, 3, 3, 5, 6, 7, 8, 9)).doubled == [3]


def test_too_late_though_it_was_told_as_missed() -> None:
    """Then it is told, and out of order."""
    found = of([*got(1, 2), Missed(3, 3), *got(4, 3, 5, 6, 7, 8, 9)])
    assert (found.told, found.disordered, found.delivered) == (1, [3], 8)


def test_before_the_account() -> None:
    """What is older than the first that came is out of order, and not within the account."""
    found = of(got(5, 3, 6, 7, 8, 9))
    assert (found.said, found.delivered, found.disordered) == (5, 5, [3])


def test_never_said() -> None:
    assert of(got(1, 2, 77, *range(3, 10))).strange == [77]


def test_events_with_several_ids() -> None:
    """Depth updates: notices name the first id of the first and the last of the last."""
    said = [Said(last, last - 9, last) for last in range(10, 60, 10)]
    right = account(said, [*got(10), Missed(11, 30), *got(40, 50)], is_complete=True)
    assert (right.is_true, right.told) == (True, 2)
    wrong = account(said, [*got(10), Missed(12, 30), *got(40, 50)], is_complete=True)
    assert (wrong.lost, len(wrong.wrong)) == ([20], 1)


def test_events_without_ids() -> None:
    """Any key tells them apart; a notice cannot name them."""
    said = [Said(("closed", 1)), Said(1), Said(2)]
    items: list[Item] = [Delivered(("closed", 1)), Missed(), Delivered(2)]
    assert account(said, items, is_complete=True).is_true


@dataclass
class History:
    """What a truthful connector delivers of trades from 1 on, and what became of them."""

    items: list[Item] = field(default_factory=list[Item])
    last: int = 0
    delivered: int = 0
    told: int = 0
    notices: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Where in the items a notice stands, and how many nobody else tells of."""

    def live(self, count: int) -> None:
        """So many come."""
        self.items += got(*self._next(count))
        self.delivered += count

    def hole(self, kind: str, count: int, found: int) -> None:
        """So many do not; of some kinds the first `found` are fetched."""
        numbers = self._next(count)
        notices: dict[str, Item] = {
            "named": Missed(numbers[0], numbers[-1]),
            "half": Missed(numbers[0], None),
            "open": Missed(),
            "counted": Dropped(count),
        }
        found = 0 if kind == "counted" else min(found, count)
        self.notices.append((len(self.items), count - found))
        self.items += [notices[kind], *refound(*numbers[:found])]
        self.delivered += found
        self.told += count - found

    def _next(self, count: int) -> range:
        self.last += count
        return range(self.last - count + 1, self.last + 1)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Live runs with holes between them."""
    history = History()
    history.live(draw(st.integers(1, 5)))
    kinds = st.sampled_from(["named", "half", "open", "counted"])
    for _ in range(draw(st.integers(0, 6))):
        history.hole(draw(kinds), draw(st.integers(1, 5)), draw(st.integers(0, 5)))
        history.live(draw(st.integers(1, 5)))
    return history


@given(histories(), st.integers(0, 5), st.booleans())
def test_a_truthful_history(history: History, beyond: int, is_complete: bool) -> None:
    """Its account is true, and counts what happened."""
    found = of(history.items, history.last + beyond, is_complete=is_complete)
    assert (found.delivered, found.told) == (history.delivered, history.told)
    assert len(found.lost) == (beyond if is_complete else 0)
    assert found.is_true == (not found.lost)


@given(histories(), st.data())
def test_a_notice_that_was_kept_back(history: History, data: st.DataObject) -> None:
    """What it alone would have told of is lost."""
    if not history.notices:
        return
    at, count = data.draw(st.sampled_from(history.notices))
    items = [item for place, item in enumerate(history.items) if place != at]
    assert len(of(items, history.last).lost) == count


@given(histories(), st.data())
def test_an_event_that_came_again(history: History, data: st.DataObject) -> None:
    """Anywhere behind the first time, it is doubled, and changes nothing else."""
    events = [at for at, item in enumerate(history.items) if isinstance(item, Delivered)]
    at = data.draw(st.sampled_from(events))
    again = data.draw(st.integers(at + 1, len(history.items)))
    items = [*history.items[:again], history.items[at], *history.items[again:]]
    found = of(items, history.last)
    assert len(found.doubled) == 1
    assert (found.delivered, found.told) == (history.delivered, history.told)


@given(histories(), st.data())
def test_an_event_that_vanished(history: History, data: st.DataObject) -> None:
    """A live event that did not come is lost, or makes a notice beside it wrong."""
    live = [
        at
        for at, item in enumerate(history.items)
        if isinstance(item, Delivered) and not item.is_recovered and at
    ]
    if not live:
        return
    at = data.draw(st.sampled_from(live))
    found = of([*history.items[:at], *history.items[at + 1 :]], history.last)
    beside = history.items[at - 1], *history.items[at + 1 : at + 2]
    if all(isinstance(item, Delivered) and not item.is_recovered for item in beside):
        assert len(found.lost) == 1
    assert found.said == found.delivered + found.told + len(found.lost)


@given(
    st.lists(
        st.one_of(
            st.builds(Delivered, st.integers(0, 12), st.booleans()),
            st.builds(Missed, st.none() | st.integers(0, 12), st.none() | st.integers(0, 12)),
            st.builds(Dropped, st.integers(0, 5)),
        )
    ),
    st.booleans(),
)
def test_it_always_balances(items: list[Item], is_complete: bool) -> None:
    """Whatever a subscriber was given."""
    of(items, is_complete=is_complete)
