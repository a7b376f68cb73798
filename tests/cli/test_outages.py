"""When the link is cut."""

from __future__ import annotations

from itertools import pairwise

from exchange_connector.cli.demo import note
from exchange_connector.cli.outages import OutagePlan, Weather

PLAN = OutagePlan(first=4.0, every=8.0, length=1.5, calm=4.0)


def test_cuts_come_again_and_again() -> None:
    """At 4, 12, 20 … seconds, for one and a half."""
    out = [PLAN.at(tenth / 10).is_out for tenth in range(300)]
    assert [n / 10 for n, (a, b) in enumerate(pairwise(out), 1) if b and not a] == [4, 12, 20, 28]
    assert sum(out) == 15 * 3 + 15


def test_the_next_cut_is_announced() -> None:
    """In seconds."""
    assert PLAN.at(1.0) == Weather(is_out=False, next_cut=3.0)
    assert PLAN.at(4.0) == Weather(is_out=True, next_cut=None)
    assert PLAN.at(6.0) == Weather(is_out=False, next_cut=6.0)


def test_none_begins_shortly_before_the_end() -> None:
    """Everything has time to come back."""
    ending = OutagePlan(first=4.0, every=8.0, length=1.5, calm=4.0, end=15.0)
    assert ending.at(4.5).is_out
    assert ending.at(6.0) == Weather(is_out=False, next_cut=None)
    assert not ending.at(12.5).is_out
    assert not OutagePlan(end=3.0).at(4.5).is_out


def test_notes() -> None:
    """The screen's last line says what is going on."""
    assert note(Weather(is_out=True, next_cut=None)) == "the link is cut"
    assert note(Weather(is_out=False, next_cut=2.6)) == "the link is cut in 3 s"
    assert note(Weather(is_out=False, next_cut=None)) == "no more cuts"
