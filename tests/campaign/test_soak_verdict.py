"""What a soak finds wrong, it says."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from exchange_connector.campaign.accounting import Delivered, Dropped, Item, Missed, Said
from exchange_connector.campaign.faults import Action
from exchange_connector.campaign.markets import BINANCE, BYBIT_LINEAR, MARKETS, Market
from exchange_connector.campaign.soak.notes import BookSeen, Notes
from exchange_connector.campaign.soak.outcome import SoakOutcome, closing
from exchange_connector.campaign.soak.plan import (
    FOR_GOOD,
    NOTICED_S,
    Harm,
    Kill,
    Roll,
    Turn,
    harms_of,
    incidents,
)
from exchange_connector.campaign.soak.verdict import (
    MB,
    growth,
    leftovers,
    records_unexplained,
    settle,
    slope,
)
from exchange_connector.campaign.soak.vitals import vitals
from exchange_connector.campaign.soak.wards import SYMBOLS, Wards
from exchange_connector.simulator.faults import Stall

TRADES = "callable|a@trade|1"
BOOK = "books|a@depth@100ms|1"
SAID = {
    "a@trade": [Said(number, number, number) for number in range(1, 8)],
    "a@depth@100ms": [Said(last, last - 9, last) for last in range(10, 80, 10)],
}


def words_of(key: str, *items: Item | BookSeen, is_open: bool = True) -> list[str]:
    """What is wrong with what came to a subscription."""
    return settle({key: items}, SAID, [key] if is_open else [], []).words


def books(*ids: int) -> list[BookSeen]:
    """Order books, all of them true."""
    return [BookSeen(number, "", number) for number in ids]


def test_an_account_that_is_true() -> None:
    """One event for each that was said, or a notice."""
    events = [Delivered(number) for number in range(1, 8)]
    assert words_of(TRADES, *events) == []
    assert words_of(TRADES, *events[:2], Missed(), *events[5:]) == []
    assert words_of(TRADES, *events[:4], is_open=False) == []


def test_an_account_that_is_not() -> None:
    """Lost, doubled, behind a later one; and what is still to come at the end."""
    events = [Delivered(number) for number in range(1, 8)]
    assert "lost without notice" in words_of(TRADES, *events[:2], *events[3:])[0]
    assert "doubled" in words_of(TRADES, *events, events[-1])[0]
    assert "never said" in words_of(TRADES, *events, Delivered(99))[0]
    assert "lost without notice" in words_of(TRADES, *events[:4])[0]
    assert words_of(TRADES, *events[:2], Dropped(9), *events[3:]) != []


def test_order_books() -> None:
    """One for each update; a snapshot may lie between two, and be the last book again."""
    assert words_of(BOOK, *books(10, 20, 30, 40, 50, 60, 70)) == []
    gap = Missed(21, 30)
    assert words_of(BOOK, *books(10, 20), gap, *books(20, 30, 40, 50, 60, 70)) == []
    assert words_of(BOOK, *books(10, 20), gap, *books(45, 50, 60, 70)) == []
    assert "lost without notice" in words_of(BOOK, *books(10, 20, 40, 50, 60, 70))[0]
    assert "doubled" in words_of(BOOK, *books(10, 20, 20, 30, 40, 50, 60, 70))[0]
    assert "out of order" in words_of(BOOK, *books(10, 30, 20, 40, 50, 60, 70))[0]
    assert "never was" in settle({}, SAID, [], [(BOOK, 10)]).words[0]


def test_an_order_book_that_was_said_again() -> None:
    """As a snapshot, it is delivered again; any other is doubled."""
    twice = [Said(10), Said(20, times=2), Said(30)]

    def words(*ids: int) -> list[str]:
        said = {"a@depth@100ms": twice}
        return settle({BOOK: books(*ids)}, said, [BOOK], []).words

    assert words(10, 20, 20, 30) == []
    assert "doubled" in words(10, 20, 30, 30)[0]


def test_records_belong_to_deaths() -> None:
    """One each, of the part that died."""
    restart = "ERROR", "rest", "exchange_connector: ActorRestarted: component=rest", 0.0
    pykkas = "ERROR", "", "pykka: Unhandled exception in RestActor (urn:uuid:1): (…)", 0.0
    other = "CRITICAL", "rest", "exchange_connector: giving up", 0.0
    deaths = Counter(rest=1)
    assert records_unexplained([restart, pykkas], deaths, deaths) == []
    assert len(records_unexplained([restart, restart], deaths, deaths)) == 1
    assert len(records_unexplained([restart], Counter(books=1), deaths)) == 1
    assert len(records_unexplained([pykkas], deaths, Counter())) == 1
    assert len(records_unexplained([other], deaths, deaths)) == 1


def sample(**more: int) -> dict[str, int]:
    """What a process uses."""
    return {"memory": 60 * MB, "objects": 60_000, "threads": 30, "descriptors": 20} | more


def test_growth() -> None:
    """By the slope after the warm-up; a single outlier is none."""
    still = [(10.0 * turn, sample()) for turn in range(20)]
    assert growth(still) == []
    assert growth([*still[:-1], (200.0, sample(memory=900 * MB))]) == []
    leak = [(10.0 * turn, sample(memory=(60 * MB + turn * MB // 2))) for turn in range(40)]
    assert "memory grows" in growth(leak)[0]
    assert growth(leak[:20]) == []  # it is not warm yet
    quick = [(10.0 * turn, sample(memory=(60 + 3 * turn) * MB)) for turn in range(20)]
    assert "memory grows" in growth(quick)[0]
    more = [(10.0 * turn, sample(objects=60_000 + 2_000 * turn)) for turn in range(20)]
    assert "objects grow" in growth(more)[0]
    settled = [(10.0 * turn, sample(memory=min(40 + 5 * turn, 60) * MB)) for turn in range(20)]
    assert growth(settled) == []


def test_leftovers() -> None:
    """At rest no thread more; connections to REST may be kept; nothing once it is stopped."""
    bare = sample(threads=5, descriptors=4)
    rests = {"bare": bare, "at rest before": sample(), "at rest after": sample(), "stopped": bare}
    assert leftovers(rests, [(0.0, sample())]) == []
    assert leftovers(rests | {"at rest after": sample(descriptors=30)}, []) == []
    assert leftovers(rests | {"at rest after": sample(threads=31)}, []) != []
    assert leftovers(rests | {"stopped": sample(threads=6, descriptors=4)}, []) != []
    assert leftovers(rests | {"stopped": sample(threads=5, descriptors=5)}, []) != []
    assert leftovers(rests, [(0.0, sample(threads=99))]) != []


def test_slope() -> None:
    """The median of the slopes between any two points."""
    assert slope([(0, 0), (1, 2), (2, 4)]) == 2
    assert slope([(0, 0)]) == 0


def test_vitals() -> None:
    """Of this process."""
    found = vitals()
    assert found["memory"] > MB
    assert found["threads"] >= 1
    assert found["descriptors"] >= 3
    assert found["objects"] > 1_000


def drawn(seed: int, count: int, market: Market = BINANCE) -> list[tuple[float, object]]:
    """The first incidents of a plan."""
    return list(itertools.islice(incidents(seed, market), count))


def test_a_plan_follows_from_its_seed() -> None:
    """And everything is in it, sooner or later."""
    assert drawn(7, 200) == drawn(7, 200)
    assert drawn(7, 20) != drawn(8, 20)
    kinds = Counter(type(incident) for _, incident in drawn(7, 2_000))
    assert set(kinds) == {Harm, Kill, Roll, Turn}
    names = {each.name for _, each in drawn(7, 2_000) if isinstance(each, Harm)}
    assert len(names) >= len(harms_of(BINANCE))
    rooms = {(each.room, each.way) for _, each in drawn(7, 2_000) if isinstance(each, Kill)}
    assert len(rooms) == 9 * 4


def test_each_exchange_has_harms_of_its_own() -> None:
    """And none that it cannot have."""
    names = {each.name for _, each in drawn(7, 3_000, BYBIT_LINEAR) if isinstance(each, Harm)}
    assert {"restarted books", "unasked snapshots"} <= names
    assert "announced shutdown" not in names
    assert len(names) >= len(harms_of(BYBIT_LINEAR))


def test_what_swallows_data_lasts_until_it_is_noticed() -> None:
    """Streams without ids could not show it otherwise."""

    def is_silent(actions: tuple[Action, ...]) -> bool:
        return any(isinstance(action, Stall) for action in actions)

    harms = [each for _, each in drawn(7, 2_000) if isinstance(each, Harm)]
    assert any(is_silent(each.actions) for each in harms)
    assert all(each.lasts >= NOTICED_S for each in harms if is_silent(each.actions))
    assert all(each.lasts < 60 for each in harms if each.lasts != FOR_GOOD)


@pytest.mark.parametrize("market", MARKETS.values(), ids=[" ".join(name) for name in MARKETS])
def test_two_hundred_streams(market: Market) -> None:
    """Each with one user that lasts and one that comes and goes; some order books."""
    wards = Wards(market)
    assert len({ward.stream for ward in wards.all if ward.channel != "order_book"}) == 200
    assert len(wards.wanting()) == 208
    assert len({(ward.user, ward.stream) for ward in wards.all}) == len(wards.all)
    leaving, joining = wards.draw(5, 6, seed=1)
    assert (leaving, len(joining)) == ([], 6)
    assert [ward.key for ward in wards.draw(5, 6, seed=1)[1]] == [ward.key for ward in joining]
    assert [len(drawn) for drawn in wards.draw(6, 5, seed=1)] == [0, 6]  # there are too few
    for ward in wards.all:
        ward.is_on = True
    assert [len(drawn) for drawn in wards.draw(5, 6, seed=1)] == [6, 0]
    assert len(SYMBOLS) == 40


def test_what_the_patient_says() -> None:
    """Lines as they come."""
    notes = Notes()
    took = [[TRADES, ["event", 1, False], 0.0], [TRADES, ["gap", 2, None], 0.0]]
    took += [["k", ["event", ["closed", 5], True], 0.0], [BOOK, ["book", 3, "x", "3 at 5"], 0.0]]
    notes.take({"took": took}, "")
    notes.take({"did": 4, "error": None}, "")
    notes.take({"log": ["ERROR", "rest", "words"], "at": 1.0}, "")
    notes.take({"fault": "words"}, "")
    assert notes.items[TRADES] == [Delivered(1), Missed(2, None)]
    assert notes.items["k"] == [Delivered(("closed", 5), is_recovered=True)]
    assert list(notes.unchecked) == [(BOOK, BookSeen(3, "x", "3 at 5"))]
    assert notes.last == {TRADES: 1, "k": ("closed", 5), BOOK: "3 at 5"}
    assert (notes.events, notes.records[0][1], notes.faults) == (3, "rest", ["words"])
    assert set(notes.answered()) == {4}
    assert notes.answered() == {}


@pytest.mark.parametrize("failures", [[], ["words"] * 50])
def test_the_closing_account(failures: list[str]) -> None:
    """With the seed, and at most forty reasons."""
    outcome = SoakOutcome(seed=42, seconds=60, failures=failures)
    outcome.samples = [(10.0 * turn, sample()) for turn in range(5)]
    lines = list(closing(outcome))
    assert "seed 42" in lines[-1]
    assert ("passed" in lines[-1]) is (not failures)
    assert sum(line.startswith("FAIL") for line in lines) == min(len(failures), 40)
