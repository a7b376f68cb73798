"""Orders under faults, in their short form; `CONNECTOR_TEST_ORDERS=10000` makes it a long one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import islice

import pytest

from exchange_connector.campaign.orders.diary import Result
from exchange_connector.campaign.orders.harm import Death, Harm, Murder, incidents
from exchange_connector.campaign.orders.outcome import OrdersOutcome, closing
from exchange_connector.campaign.orders.run import campaign
from exchange_connector.campaign.orders.venue import BYBIT, VENUES, Venue
from exchange_connector.campaign.orders.verdict import Heard, Life, Truth, judge
from exchange_connector.simulator.ledger import FillSeen, HeldAsset, OrderSeen

ORDERS = int(os.environ.get("CONNECTOR_TEST_ORDERS", "300"))
SEED = int(os.environ.get("CONNECTOR_TEST_SEED", "11"))
ONE, ZERO = Decimal(1), Decimal(0)


@pytest.mark.timeout(max(180, ORDERS // 4))
@pytest.mark.parametrize("venue", VENUES.values(), ids=VENUES)
def test_every_order_has_exactly_one_fate(
    figure: Callable[[str, object], None], venue: Venue
) -> None:
    """Whatever happens to the exchange, the way there, and the bot."""
    outcome = campaign(ORDERS, SEED, print, venue=venue)
    lines = [*closing(outcome)]
    faults = sum(outcome.incidents.values())
    figure(f"orders under faults, {venue.name}", f"{ORDERS:,}, {faults:,} faults")
    assert outcome.failures == [], "\n".join(lines)


def test_a_seed_says_what_happens() -> None:
    """The same each time; of every kind there is something, and the process is killed."""
    drawn = [*islice(incidents(7), 600)]
    assert drawn == [*islice(incidents(7), 600)]
    assert drawn[:50] != [*islice(incidents(8), 50)]
    names = {each.name for _, each in drawn if isinstance(each, Harm)}
    assert len(names) == 15
    assert any(isinstance(each, Murder) for _, each in drawn)
    assert len({each.room for _, each in drawn if isinstance(each, Death)}) == 7
    others = {each.name for _, each in islice(incidents(7, BYBIT), 600) if isinstance(each, Harm)}
    assert names - others == {"shutdown announced"}


def order(id: str = "a", status: str = "NEW") -> OrderSeen:
    """One of the exchange's."""
    words = "BTCUSDT", 7, id, "BUY", "LIMIT", "GTC"
    return OrderSeen(*words, ONE, ONE, status, ZERO, ZERO, ())


def fill() -> FillSeen:
    """One of its executions."""
    return FillSeen("BTCUSDT", 7, "a", 9, "BUY", ONE, ONE, ONE, ZERO, "BTC", False, 10)


@pytest.fixture
def truth() -> Truth:
    """An exchange with one open order."""
    return Truth([order()], [], {"BTC": HeldAsset(ONE, ZERO)}, {"a": 1})


@pytest.fixture
def heard() -> Heard:
    """A bot that has heard of it what there is."""
    news = ["BTCUSDT", "7", "a", "NEW", "0", 1, False]
    life = Life({("BTCUSDT", "7"): news}, [news], [], {"BTC": ["BTC", "1", "0", 1]})
    heard = Heard([life], opened=[["BTCUSDT", "7", "0"]], held=[["BTC", "1", "0"]])
    heard.asked["a"] = ["rest"]
    heard.told["a"] = [("rest", Result.PLACED, "")]
    heard.is_settled = True
    return heard


def failures(truth: Truth, heard: Heard, journal: dict[str, str | None]) -> list[str]:
    """What is found wrong, by its name."""
    outcome = OrdersOutcome(1, 1)
    judge(outcome, truth, heard, journal)
    return [words.partition(":")[0] for words in outcome.failures]


PLACED: dict[str, str | None] = {"a": "placed"}


def test_all_is_well(truth: Truth, heard: Heard) -> None:
    """Nothing is found where nothing is."""
    assert failures(truth, heard, PLACED) == []


def test_a_second_one(truth: Truth, heard: Heard) -> None:
    """An id that came twice."""
    truth.reached["a"] = 2
    assert failures(truth, heard, PLACED) == ["client order ids that reached the engine twice"]


@pytest.mark.parametrize(
    ("journal", "found"),
    [
        ({"a": None}, "intents without exactly one final state"),
        ({}, "intents without exactly one final state"),
        ({"a": "placed", "b": "placed"}, "intents without exactly one final state"),
        ({"a": "never placed"}, "final states that contradict the exchange"),
        ({"a": "refused"}, "final states that contradict the exchange"),
    ],
)
def test_a_journal_that_is_wrong(
    truth: Truth, heard: Heard, journal: dict[str, str | None], found: str
) -> None:
    """An end that is missing, or false."""
    assert found in failures(truth, heard, journal)


@pytest.mark.parametrize("result", [Result.REFUSED, Result.NEVER])
def test_a_false_answer(truth: Truth, heard: Heard, result: str) -> None:
    """Told as not placed, and it is there."""
    heard.told["a"] = [("rest", result, "")]
    assert failures(truth, heard, PLACED) == ["final states that contradict the exchange"]


def test_an_answer_for_nothing(truth: Truth, heard: Heard) -> None:
    """Told as placed, and it is not there."""
    heard.asked["b"], heard.told["b"] = ["rest"], [("rest", Result.PLACED, "")]
    assert "final states that contradict the exchange" in failures(
        truth, heard, PLACED | {"b": "never placed"}
    )


def test_silence(truth: Truth, heard: Heard) -> None:
    """No answer; an unknown end that no event tells."""
    heard.told["a"] = [("rest", Result.SILENCE, "")]
    assert failures(truth, heard, PLACED) == ["questions without an answer"]
    heard.told["a"] = [("rest", Result.UNKNOWN, "")]
    assert failures(truth, heard, PLACED) == []
    heard.lives[0].news.clear()
    assert failures(truth, heard, PLACED) == ["ends that were not told after an unknown one"]


def test_an_order_of_nobodys(truth: Truth, heard: Heard) -> None:
    """It was not asked for."""
    truth.orders.append(replace(order("z", "CANCELED"), order_id=8))
    assert failures(truth, heard, PLACED) == ["orders that nobody asked for"]


def test_other_balances(truth: Truth, heard: Heard) -> None:
    """In what was asked for, and in what was told."""
    truth.balances["BTC"] = HeldAsset(ONE, ONE)
    assert failures(truth, heard, PLACED) == [
        "balances that differ, asked for",
        "balances that differ, as told",
    ]


def test_other_orders(truth: Truth, heard: Heard) -> None:
    """One that is no more, of which nobody has told."""
    truth.orders[0] = order(status="CANCELED")
    assert failures(truth, heard, PLACED) == [
        "open orders that differ, asked for",
        "open orders that differ, as told",
        "orders told as they are not",
    ]


def test_a_fill_that_was_not_told(truth: Truth, heard: Heard) -> None:
    """Once is right, twice and never are not."""
    truth.fills.append(fill())
    row = ["BTCUSDT", "9", "1", "1", "0", "BTC", "7"]
    assert "fills that differ, asked for" in failures(truth, heard, PLACED)
    heard.fills.append(row)
    assert failures(truth, heard, PLACED) == ["of these not told"]
    told = ["BTCUSDT", "9", "7", "1", "1", "0", "BTC", 10]
    heard.lives[0].fills.append(told)
    assert failures(truth, heard, PLACED) == []
    heard.lives[0].fills.append(told)
    assert failures(truth, heard, PLACED) == ["fills told twice by one process"]
