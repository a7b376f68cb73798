"""Is it news? Of states without ids."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_connector import Ticker
from exchange_connector.actors.feeds.repetition import is_old

S = 1_000_000_000
MOVED = 1_000 * S


def ticker(at: int, received: int = MOVED + S, price: str = "1") -> Ticker:
    """Of that time."""
    return Ticker("sim", "BTCUSDT", at, received, last_price=Decimal(price))


def test_the_same_again_is_old() -> None:
    """Whenever it was received; but not another one of the same time."""
    newest = ticker(90 * S)
    assert is_old(ticker(90 * S, received=MOVED + 99 * S), newest, 0)
    assert not is_old(ticker(90 * S, price="2"), newest, MOVED)


@pytest.mark.parametrize(
    ("at", "received", "moved_at", "expected"),
    [
        (89 * S, MOVED - S, MOVED, True),  # it was held while the other connection went on
        (89 * S, MOVED + 14 * S, MOVED, True),  # the new one is slower
        (89 * S, MOVED + 16 * S, MOVED, False),  # so slow is none
        (70 * S, MOVED + S, MOVED, False),  # nor does a state come so late
        (89 * S, MOVED + S, 0, False),  # the exchange's clock was set back
    ],
)
def test_a_state_of_before(at: int, received: int, moved_at: int, expected: bool) -> None:
    """Old for a while after another connection took over, and else the exchange's clock is."""
    assert is_old(ticker(at, received), ticker(90 * S), moved_at) is expected
