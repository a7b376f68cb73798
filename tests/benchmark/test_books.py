"""The order books of the benchmark: the updates are of one book, and what clients have is compared."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from bench import books, frames, ladder, meter, player, tables
from bench.book_meter import BookMeter
from bench.connection import Connection, named_in
from bench.ladder import Ladder, Replayed
from bench.player import Player
from bench.rounds import Bench
from bench.server import Order
from bench.ways.table import BOOKS, MIX, WAYS

COUNT = 1_000
GRACE_S = 10.0


@pytest.fixture(scope="module")
def made() -> player.Made:
    return player.made(COUNT)


def test_the_updates_are_of_the_book(made: player.Made) -> None:
    """Levels appear, change and go, and the sides never meet."""
    replayed = Replayed(made.began, made.updates)
    new = changed = gone = 0
    for applied, update in enumerate(map(json.loads, made.updates), 1):
        before = {**dict(replayed.top(9_999)["bids"]), **dict(replayed.top(9_999)["asks"])}
        for price, quantity in update["b"] + update["a"]:
            new += price not in before and quantity != ladder.GONE
            changed += price in before and quantity != ladder.GONE
            gone += price in before and quantity == ladder.GONE
        replayed.advance(applied)
        best = replayed.top(1)
        assert float(best["bids"][0][0]) < float(best["asks"][0][0])
        if applied == 100:
            break
    assert min(new, changed, gone) > 100


def test_the_book_in_the_end_is_what_the_updates_make_of_it(made: player.Made) -> None:
    again = Ladder(player.SYMBOL)
    assert again.whole() == made.began
    assert list(again.updates(COUNT)) == made.updates
    replayed = Replayed(made.began, made.updates)
    replayed.advance(COUNT)
    assert replayed.top(9_999) == again.whole()
    for side in again.whole().values():
        assert len(side) == pytest.approx(ladder.LEVELS, rel=0.2)


def test_the_updates_adjoin_and_have_as_many_levels_as_they_should(made: player.Made) -> None:
    updates = [json.loads(update) for update in made.updates]
    assert updates[0]["U"] == frames.FIRST_UPDATE
    assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(updates))
    for update in updates:
        for side in (update["b"], update["a"]):
            assert len({price for price, _ in side}) == len(side)
    assert sum(len(each["b"]) + len(each["a"]) for each in updates) / COUNT == pytest.approx(
        16, 0.1
    )


@pytest.fixture
def played() -> Iterator[tuple[Player, Reader]]:
    """A player, and what its client gets."""
    mine, theirs = socket.socketpair()
    theirs.settimeout(GRACE_S)
    with mine, theirs:
        one = Player(COUNT - player.SLOW_MOST, raw=True)
        one.play(Connection(mine, dict[str, object]().get))
        yield one, Reader(theirs)


class Sending:
    """Sends all at once, on a thread of its own."""

    def __init__(self, one: Player) -> None:
        self._told: dict[str, Any] = {}
        self._thread = threading.Thread(target=lambda: self._told.update(one.send()))
        self._thread.start()

    def told(self) -> dict[str, Any]:
        """What the player says of it."""
        self._thread.join(GRACE_S)
        return self._told


class Reader:
    """A client's end: the updates that have come."""

    def __init__(self, client: socket.socket) -> None:
        self._client, self._text = client, b""
        self.seen: list[dict[str, Any]] = []

    def until(self, last: int) -> None:
        """Read on to the update with this id, at least."""
        while not self.seen or self.seen[-1]["u"] < last:
            self._text += self._client.recv(1 << 16)
            while len(self._text) > 4 and len(self._text) >= (end := self._end()):
                self.seen.append(json.loads(self._text[4:end]))
                self._text = self._text[end:]

    def _end(self) -> int:
        return 4 + int.from_bytes(self._text[2:4], "big")


def test_a_client_has_time_for_its_snapshot(
    made: player.Made, played: tuple[Player, Reader]
) -> None:
    """Slowly at first, then the rest at once."""
    one, client = played
    first = one.snapshot("/api/v3/depth?symbol=BTCUSDT&limit=5")
    assert [len(first[side]) for side in ("bids", "asks")] == [5, 5]
    client.until(frames.FIRST_UPDATE)
    last = one.hold()["last"]
    sending = Sending(one)
    client.until(last)
    told, seen = sending.told(), client.seen
    assert first["lastUpdateId"] < seen[0]["u"] + ladder.IDS
    assert [each["u"] for each in seen] == [ladder.last_id(at + 1) for at in range(len(seen))]
    replayed = Replayed(made.began, made.updates)
    replayed.advance(len(seen))
    assert replayed.update_id == last
    assert told["book"] == replayed.top(player.SHOWN)
    assert told["snapshots"] == 0


def test_a_snapshot_while_updates_leave_adjoins_them(played: tuple[Player, Reader]) -> None:
    """Who applies what is newer than it has the same book in the end."""
    one, client = played
    last = one.hold()["last"]
    sending = Sending(one)
    client.until(last - (COUNT - player.SLOW_MOST - 1) * ladder.IDS)
    snapshot = one.snapshot("/api/v3/depth?symbol=BTCUSDT&limit=9999")
    client.until(last)
    told, seen = sending.told(), client.seen
    assert seen[0]["u"] <= snapshot["lastUpdateId"] <= last
    newer = [json.dumps(each).encode() for each in seen if each["u"] > snapshot["lastUpdateId"]]
    mine = Replayed(snapshot, newer)
    mine.advance(len(newer))
    assert mine.top(player.SHOWN) == told["book"]
    assert told["snapshots"] == 1


BOOK = {"bids": [["1.50", "2"]], "asks": [["1.6", "3"]]}


@pytest.mark.parametrize(
    ("mine", "exact", "same"),
    [
        ({"bids": [["1.5", "2.0"]], "asks": [["1.6", "3"]]}, True, True),
        ({"bids": [["1.5", "2.0"]], "asks": [["1.6", "3.1"]]}, False, False),
        ({"bids": [["1.5", "2.0"]], "asks": []}, True, False),
        ({"bids": [["1.50000000000000000001", "2"]], "asks": [["1.6", "3"]]}, True, False),
        ({"bids": [["1.50000000000000000001", "2"]], "asks": [["1.6", "3"]]}, False, True),
    ],
)
def test_books_are_compared(mine: dict[str, Any], exact: bool, same: bool) -> None:
    assert books.is_same(mine, BOOK, exact=exact) is same


def test_no_book_is_no_book() -> None:
    empty: dict[str, Any] = {"bids": [], "asks": []}
    assert not books.is_same(empty, empty, exact=True)


def test_a_client_says_when_it_has_its_book_and_when_it_has_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    said: list[dict[str, Any]] = []
    for module in ("bench.meter", "bench.book_meter"):
        monkeypatch.setattr(f"{module}.say", lambda **told: said.append(told))
    mine = BookMeter(meter.Job("book", "book", 1, 2))
    mine.kept(5, lambda: ([], []))
    assert said == [{"kept": True}]
    mine.told({"last": 30})
    mine.kept(20, lambda: ([], []))
    assert len(said) == 1
    mine.kept(30, lambda: ([(1.5, 2)], [("1.60", "3")]))
    assert said[1]["book"] == {"bids": [["1.5", "2"]], "asks": [["1.60", "3"]]}
    assert said[1]["delivered"] == 1.0
    assert mine.done.is_set()


@pytest.mark.timeout(120)
def test_our_book_is_the_servers() -> None:
    """One short run of ours, from the subscription to the comparison."""
    with Bench() as bench:
        told = bench.trial("book", Order(player.FEED, 2_000), converse=books.converse)
        assert told["delivered"] == 1.0
        assert told["rate"] > 0
        held = bench.trial("books", Order(player.FEED, 0, 3), converse=books.remembered)
        assert held["each"] > 0


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/stream?streams=a@trade/b@trade", ["a@trade", "b@trade"]),
        ("/ws/a@depth@100ms", ["a@depth@100ms"]),
        ("/ws", []),
    ],
)
def test_streams_that_a_path_names(path: str, names: list[str]) -> None:
    assert named_in(path) == names


def test_those_that_keep_books_are_not_sent_the_mix() -> None:
    assert not {*BOOKS} & {*MIX}
    assert all(WAYS[name].feed == player.FEED for name in BOOKS)


def test_the_tables() -> None:
    told = {"cpu": 20.0, "rate": 50_000.0, "peak": 40.0, "delivered": 1.0}
    text = tables.books(
        {
            "kept": {
                "book": told,
                "book-ccxt": told | {"cpu": 50.0, "delivered": 0.002},
                "book-ubldc": {"failure": "its book is not the exchange's"},
            },
            "memory": {"books:500": {"grown": 127.0, "each": 254.4, "books": 500}},
        }
    )
    lines = text.splitlines()
    ours = next(line for line in lines if line.startswith("| the connector, a callable |"))
    assert ours.endswith("| 50,000 | 20.0 | 1.00 | all | 40 |")
    ccxt = next(line for line in lines if line.startswith("| ccxt |"))
    assert ccxt.endswith("| 50.0 | 2.50 | 0.2% | 40 |")
    assert "not measured: its book is not the exchange's" in text
    assert "| the connector, many books | 500 | 127 | 254 |" in lines
    for block in text.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1, block
