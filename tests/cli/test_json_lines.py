"""Events as lines of JSON, and a reader that does not read."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from exchange_connector import (
    ErrorOccurred,
    Event,
    OrderBook,
    PriceLevel,
    ProtocolError,
    Side,
    Trade,
)
from exchange_connector.cli.interrupts import Interrupt
from exchange_connector.cli.json_lines import JsonLines, line

TRADE = Trade(
    "binance",
    "BTCUSDT",
    1,
    1_700_000_000_123_456_789,
    "7",
    Decimal("2.50000000"),
    Decimal(1),
    Side.BUY,
    1,
)
BOOK = OrderBook("binance", "BTCUSDT", 1, 2, 9, (PriceLevel(Decimal("1.10"), Decimal("2.0")),), ())


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe's two ends."""
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(end)


TINY = msgspec.structs.replace(TRADE, price=Decimal("0.00000010"), quantity=Decimal("0.00000000"))


@pytest.mark.parametrize(
    ("event", "values"),
    [
        (TRADE, {"type": "Trade", "price": "2.50000000", "taker_side": "BUY"}),
        (TRADE, {"received_time": 1_700_000_000_123_456_789, "recovered": False}),
        (BOOK, {"type": "OrderBook", "bids": [["1.10", "2.0"]], "asks": []}),
        (TINY, {"price": "0.00000010", "quantity": "0.00000000"}),
    ],
)
def test_market_data(event: Event, values: dict[str, object]) -> None:
    """The exchange's own digits as text, instants as integers, a level as a pair."""
    text = line(event)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert json.loads(text).items() >= values.items()


def test_an_error_says_which_it_is() -> None:
    """Its type and its fields; text that is no Unicode is replaced."""
    error = ProtocolError("bad\nframe", "odd \udc80 text", exchange="binance")
    told = json.loads(line(ErrorOccurred("binance", error)))
    assert told["type"] == "ErrorOccurred"
    assert told["error"]["type"] == "ProtocolError"
    assert told["error"]["reason"] == "bad\nframe"
    assert told["error"]["excerpt"].startswith("odd ")


def test_a_reader_that_went_away_ends_the_program(pipe: tuple[int, int]) -> None:
    """Without an exception."""
    reading, writing = pipe
    interrupt = Interrupt()
    write = JsonLines(writing, interrupt)
    write(TRADE)
    assert os.read(reading, 1 << 16) == line(TRADE)
    os.close(reading)
    write(TRADE)
    assert interrupt.is_wanted


def test_a_full_disk_ends_the_program() -> None:
    """And it is known why; `/dev/full` is a disk that always is."""
    interrupt = Interrupt()
    with open("/dev/full", "wb", buffering=0) as full:
        write = JsonLines(full.fileno(), interrupt)
        write(TRADE)
    assert interrupt.is_wanted
    assert write.failure is not None
    assert write.failure.errno == errno.ENOSPC


def test_nothing_follows_a_line_that_was_not_written(pipe: tuple[int, int]) -> None:
    """It may be there by half: the next one would be no line of its own."""
    reading, writing = pipe
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writing, bytes(1 << 16)):
            pass
    interrupt = Interrupt()
    interrupt.is_wanted = True
    write = JsonLines(writing, interrupt)
    write(TRADE)
    os.set_blocking(reading, False)
    with contextlib.suppress(BlockingIOError):
        while os.read(reading, 1 << 16):
            pass
    write(TRADE)
    with pytest.raises(BlockingIOError):
        os.read(reading, 1)


def test_a_reader_that_pauses_does_not_hold_up_the_end(pipe: tuple[int, int]) -> None:
    """What waits for room in a full pipe gives up once the program is to end."""
    _, writing = pipe
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while os.write(writing, bytes(1 << 16)):
            pass
    os.set_blocking(writing, True)
    interrupt = Interrupt()
    thread = threading.Thread(target=JsonLines(writing, interrupt), args=(TRADE,), daemon=True)
    thread.start()
    interrupt.is_wanted = True
    thread.join(timeout=10.0)
    assert not thread.is_alive()
