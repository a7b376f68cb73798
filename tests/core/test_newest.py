"""What was missed, of events that can be had only as the newest so many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.newest import UNKNOWN, Newest, Told
from exchange_connector.core.recovery import TRIES, Page


def told(text: str, at: int | None = None) -> list[Told[str]]:
    """Events, each a letter, which happened one after the other; or all at a time."""
    return [Told(each, ord(each) if at is None else at, each) for each in text]


def of(after: str = "cba", before: str = "h", *, page: int = 60, most: int = 1000) -> Newest[str]:
    """What is between "c" and "h"; the newest that was delivered is named first."""
    return Newest(tuple(after), before, ord(before), page=page, most=most)


def shown(newest: Newest[str]) -> str:
    """The outcome; a hole is a question mark."""
    return "".join("?" if part is UNKNOWN else str(part) for part in newest.outcome())


CASES = {
    "all of it": ("abcdefghi", "defg"),
    "nothing is missing": ("abch", ""),
    "one that was delivered is enough": ("bdefgh", "defg"),
    "too few": ("efgh", "?efg"),
    "none": ("hij", "?"),
    "it has moved on": ("ijk", "?"),
    "the next one is not in it": ("abcdefgij", "defg"),
    "other ids": ("mnop", "?"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_answer(case: str) -> None:
    """It reaches beyond the next event: nothing more is asked for."""
    text, expected = CASES[case]
    newest = of()
    assert newest.next_page() == Page(0, 60)
    newest.take(told(text), 0.0)
    assert newest.is_over
    assert shown(newest) == expected


def test_an_answer_of_before_the_next_event_is_not_the_last() -> None:
    """What it has counts; it is asked for again, a few times, and then there is a hole."""
    newest = of()
    newest.take(told("abcde"), 10.0)
    assert not newest.is_over
    assert newest.not_before == 10.2
    assert shown(newest) == "de?"
    newest.take(told("efgh"), 11.0)
    assert newest.is_over
    assert shown(newest) == "defg"


def test_answers_that_share_nothing_have_a_hole_between_them() -> None:
    """As where more happens from one to the next than an answer has."""
    newest = of(page=2)
    newest.take(told("cd"), 0.0)
    newest.take(told("gh"), 0.5)
    assert shown(newest) == "d?g"
    newest = of(page=2)
    newest.take(told("cd"), 0.0)
    newest.take(told("ij"), 0.5)
    assert newest.is_over
    assert shown(newest) == "d?"
    newest = of()
    newest.take(told("cd"), 0.0)
    newest.take(told("fgi"), 0.5)
    assert shown(newest) == "d?"


def test_an_answer_of_before_everything_is_no_news() -> None:
    """One that shares nothing may be that; it counts once another continues it."""
    newest = of("c")
    newest.take(told("ab"), 0.0)
    newest.take(told("fgh"), 0.5)
    assert shown(newest) == "?fg"
    newest = of("c")
    newest.take(told("de"), 0.0)
    newest.take(told("efgh"), 0.5)
    assert shown(newest) == "?defg"


def test_it_is_asked_for_so_often() -> None:
    """An exchange that has nothing, and one that does not answer."""
    newest = of()
    for count in range(TRIES):
        assert not newest.is_over
        newest.take(told("abc" if count % 2 else ""), float(count))
    assert newest.is_over
    assert shown(newest) == "?"
    newest = of()
    newest.give_up()
    assert shown(newest) == "?"


def test_ids_that_are_not_the_streams_are_not_believed() -> None:
    """What shares nothing with the stream would come a second time under another name."""
    newest = of()
    newest.take(told("xyz", at=ord("e")), 0.0)
    newest.take(told("xyz!", at=ord("e")), 0.5)
    assert shown(newest) == "?"


def test_of_too_many_the_newest_are_had() -> None:
    """Behind a hole."""
    newest = of(most=2)
    newest.take(told("abcdefgh"), 0.0)
    assert shown(newest) == "?fg"
    newest = of(most=4)
    newest.take(told("abcdefgh"), 0.0)
    assert shown(newest) == "defg"


@pytest.mark.parametrize("order", ["cdegh", "dcehg"])
def test_of_one_millisecond_all_are_had(order: str) -> None:
    """In whichever order they are told: of the last that was delivered, and of the next."""
    at = {"c": 3, "d": 3, "e": 5, "g": 8, "h": 8}
    newest: Newest[str] = Newest(("c",), "h", 8, page=60, most=1000)
    newest.take([Told(each, at[each], each) for each in order], 0.0)
    assert newest.is_over
    assert shown(newest) == "deg"


@dataclass
class Story:
    """What happened, what was delivered of it, and what was answered, and when."""

    times: list[int]
    begun: int
    missed_from: int
    next: int
    ends: list[int]
    page: int


@st.composite
def stories(draw: Any) -> Story:
    """Up to forty events, some of one millisecond."""
    steps = draw(st.lists(st.integers(0, 2), min_size=4, max_size=40))
    times = [sum(steps[: place + 1]) for place in range(len(steps))]
    missed_from = draw(st.integers(1, len(times) - 2))
    begun = draw(st.integers(0, missed_from - 1))
    following = draw(st.integers(missed_from, len(times) - 1))
    ends = sorted(draw(st.lists(st.integers(0, len(times)), min_size=1, max_size=TRIES)))
    return Story(times, begun, missed_from, following, ends, draw(st.integers(1, 12)))


@given(stories())
def test_what_is_missing_is_never_passed_over(story: Story) -> None:
    """Each event is had, or there is a hole in its place; all in order, and each once."""
    after = [str(place) for place in range(story.begun, story.missed_from)][::-1][:3]
    newest: Newest[int] = Newest(
        after, str(story.next), story.times[story.next], page=story.page, most=1000
    )
    for end in story.ends:
        rows: Sequence[int] = range(max(0, end - story.page), end)
        if not newest.is_over:
            newest.take([Told(str(row), story.times[row], row) for row in rows], 0.0)
    got = [part for part in newest.outcome() if isinstance(part, int)]
    assert got == sorted(set(got))
    delivered = {story.times[int(each)] for each in after}  # those of a moment are known again
    assert all(place >= story.missed_from or story.times[place] in delivered for place in got)
    seen, has_hole = story.missed_from, False
    wanted = range(story.missed_from, story.next)
    for part in newest.outcome():
        if not isinstance(part, int):
            has_hole = True
        elif part in wanted:
            assert has_hole or part == seen
            seen, has_hole = part + 1, False
    assert has_hole or seen == story.next
