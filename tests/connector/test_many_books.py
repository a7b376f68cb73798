"""Five hundred order books from cold, and after a cut, within the exchange's limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from exchange_connector import OrderBook, StreamGap
from exchange_connector.simulator import SimulatedExchange

SYMBOLS = [f"S{number:03}USDT" for number in range(500)]


class Live:
    """When each book was first there, and after the last gap."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.since: dict[str, float] = {}
        self.gaps: list[str] = []

    def __call__(self, event: Any) -> None:
        """Take a book, or a gap."""
        if isinstance(event, StreamGap):
            self.gaps.append(event.reason)
            self.since.pop(event.symbol, None)
        else:
            assert isinstance(event, OrderBook)
            self.since.setdefault(event.symbol, time.monotonic() - self.began)

    def times(self) -> tuple[float, float, float]:
        """Until the first, half, and all were there."""
        times = sorted(self.since.values())
        return times[0], times[len(times) // 2], times[-1]


def test_five_hundred_books_start_within_the_limits(
    start: Callable[..., Any], figure: Callable[[str, object], None]
) -> None:
    """The first is there at once; no request is refused; a mass reconnect bans nobody."""
    with SimulatedExchange(symbols=SYMBOLS, rate=1.0) as exchange:
        ref = start(exchange, connection={"timeout": 10.0})
        connector, live = ref.proxy(), Live()
        waiting = [connector.subscribe_order_book(each, live) for each in SYMBOLS]
        for each in waiting:
            each.get(timeout=30)
        assert exchange.wait_until(lambda _: len(live.since) == len(SYMBOLS), 60)
        figure("500 books from cold: the first, half, all", _words(live.times()))
        assert set(live.gaps) <= {"disconnected"}  # a busy machine may lose a connection
        asked, gaps, were_live = len(exchange.requests), len(live.gaps), len(live.since)

        live.began = time.monotonic()
        assert exchange.cut() > 0
        assert exchange.wait_until(lambda _: len(live.gaps) >= gaps + were_live, 10)
        assert exchange.wait_until(lambda _: len(live.since) == len(SYMBOLS), 100)
        figure("500 books after a cut: the first, half, all", _words(live.times()))
        refused = [each for each in exchange.requests if each.status >= 400]
        figure("requests for them, refused, and the most weight in a minute",
               f"{len(exchange.requests)}, {len(refused)}, {exchange.peak_weight} of 6000")  # fmt: skip
        assert refused == []
        assert exchange.peak_weight <= 6000
        assert len(exchange.requests) < 2 * asked


def _words(times: tuple[float, float, float]) -> str:
    return ", ".join(f"{each:.2f} s" for each in times)
