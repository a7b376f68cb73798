"""A bot on another client in its tests: here plain requests and websocket-client.

What is under test knows nothing of this library but two addresses. It keeps an order book as the
exchange's documentation tells ("How to manage a local order book correctly"), and the simulated
exchange knows what the book was at each update id.

Run it: python examples/other_client.py   (in a project of your own: python -m pytest)
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange

Levels = list[tuple[str, str]]

pytestmark = pytest.mark.simulated_exchange(seed=7, rate=50.0)


class OutOfStep(Exception):
    """An update is missing; the book is to be built anew."""


class LocalBook:
    """What is under test: an order book kept from a snapshot and the updates after it."""

    def __init__(self, rest_url: str, stream_url: str, symbol: str) -> None:
        self._snapshot_url = f"{rest_url}/api/v3/depth?symbol={symbol}&limit=5000"
        self._stream = f"{stream_url}/ws/{symbol.lower()}@depth@100ms"
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.builds = 0
        self.update_id = 0
        self._sides: dict[str, dict[str, str]] = {}

    def start(self) -> None:
        """Begin to follow the exchange."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopping.set()
        self._thread.join()

    def best(self, levels: int) -> tuple[int, Levels, Levels]:
        """The update id, and the best bids and asks at it."""
        with self._changed:
            bids = sorted(self._sides["b"].items(), key=_price, reverse=True)
            asks = sorted(self._sides["a"].items(), key=_price)
            return self.update_id, bids[:levels], asks[:levels]

    def wait_until(self, holds: Callable[[LocalBook], bool], seconds: float = 10.0) -> bool:
        """Wait until the book is as wanted."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (OutOfStep, OSError, websocket.WebSocketException):
                self._stopping.wait(0.05)  # and then from the beginning

    def _follow(self) -> None:
        socket: Any = websocket.create_connection(self._stream, timeout=5)
        try:
            update = json.loads(socket.recv())
            self._build(update["U"])
            while not self._stopping.is_set():
                if update["u"] > self.update_id:
                    self._apply(update)
                update = json.loads(socket.recv())
        finally:
            socket.shutdown()

    def _build(self, first_update_id: int) -> None:
        answer = requests.get(self._snapshot_url, timeout=5)
        answer.raise_for_status()
        snapshot: dict[str, Any] = answer.json()
        if snapshot["lastUpdateId"] < first_update_id:
            raise OutOfStep
        with self._changed:
            self.builds += 1
            self.update_id = snapshot["lastUpdateId"]
            self._sides = {"b": dict(snapshot["bids"]), "a": dict(snapshot["asks"])}
            self._changed.notify_all()

    def _apply(self, update: dict[str, Any]) -> None:
        if update["U"] > self.update_id + 1:
            raise OutOfStep
        with self._changed:
            for name, side in self._sides.items():
                for price, quantity in update[name]:
                    if Decimal(quantity):
                        side[price] = quantity
                    else:
                        side.pop(price, None)
            self.update_id = update["u"]
            self._changed.notify_all()


def _price(level: tuple[str, str]) -> Decimal:
    return Decimal(level[0])


@pytest.fixture
def book(simulated_exchange: SimulatedExchange) -> Iterator[LocalBook]:
    """The book under test, built a first time."""
    book = LocalBook(simulated_exchange.rest_url, simulated_exchange.stream_url, "BTCUSDT")
    book.start()
    assert book.wait_until(lambda book: book.builds == 1)
    yield book
    book.stop()


def assert_true(book: LocalBook, exchange: SimulatedExchange) -> None:
    """After one more update the book is what it really was at that update id."""
    before = book.update_id
    assert book.wait_until(lambda book: book.update_id > before)
    update_id, bids, asks = book.best(20)
    truth = exchange.book("BTCUSDT", update_id)
    assert (bids, asks) == (list(truth.bids[:20]), list(truth.asks[:20]))


def test_the_book_is_true(simulated_exchange: SimulatedExchange, book: LocalBook) -> None:
    """It was this book at that update id."""
    assert_true(book, simulated_exchange)


def test_a_lost_update(simulated_exchange: SimulatedExchange, book: LocalBook) -> None:
    """One update never arrives: the book is built anew, and is true again."""
    simulated_exchange.lose("btcusdt@depth@100ms", count=1)
    assert book.wait_until(lambda book: book.builds == 2)
    assert_true(book, simulated_exchange)


def test_a_lost_link_and_no_snapshot(
    simulated_exchange: SimulatedExchange, book: LocalBook
) -> None:
    """The link breaks, and the first snapshots are refused."""
    simulated_exchange.answer("/api/v3/depth", status=503, count=2)
    simulated_exchange.cut()
    assert book.wait_until(lambda book: book.builds == 2)
    assert_true(book, simulated_exchange)
    refused = [each for each in simulated_exchange.requests if each.status == 503]
    assert len(refused) == 2


if __name__ == "__main__":
    # This checkout is itself a package; pytest should not look for it above this folder.
    here = Path(__file__).resolve().parent
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
    options += [f"--rootdir={here}", f"--confcutdir={here}", __file__]
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *options]))
