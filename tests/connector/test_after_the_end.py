"""What is left of a subscription that has ended, and of one that was refused."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import pytest

from exchange_connector import ConnectorError
from exchange_connector.simulator import SimulatedExchange


def test_a_subscriber_that_has_left_is_let_go_of(exchange: SimulatedExchange, start: Any) -> None:
    """Also by the reader, which nothing wakes any more."""

    class Bot:
        def __init__(self) -> None:
            self.came = threading.Event()

        def take(self, event: Any) -> None:
            self.came.set()

    bot = Bot()
    gone = weakref.ref(bot)
    subscription = start(exchange).proxy().subscribe_trades("BTCUSDT", bot.take).get(timeout=5)
    assert bot.came.wait(5)
    subscription.unsubscribe()
    del subscription, bot
    deadline = time.monotonic() + 5.0
    while gone() is not None:
        assert time.monotonic() < deadline, "still held"
        time.sleep(0.1)
        gc.collect()


def test_stopping_waits_for_a_callback_that_ended_itself(
    exchange: SimulatedExchange, start: Any
) -> None:
    """It has no subscription any more, and is still at its last event."""
    ref = start(exchange)
    held: list[Any] = []
    entered, over = threading.Event(), threading.Event()

    def callback(event: Any) -> None:
        if held and not entered.is_set():
            held[0].unsubscribe()
            entered.set()
            time.sleep(1.0)
            over.set()

    held.append(ref.proxy().subscribe_trades("BTCUSDT", callback).get(timeout=5))
    assert entered.wait(5)
    ref.stop()
    assert over.is_set()


@pytest.mark.parametrize("_", range(5))
def test_who_asks_again_at_once_after_a_refusal_is_answered(
    _: int, exchange: SimulatedExchange, start: Any
) -> None:
    """Though others were refused the same stream a moment ago."""
    connector = start(exchange).proxy()
    exchange.refuse_controls(count=10)
    unanswered: list[int] = []

    def ask_until_it_works(number: int) -> None:
        unanswered.append(number)
        while True:
            try:
                connector.subscribe_trades("BTCUSDT", lambda event: None).get(timeout=10)
            except ConnectorError:
                continue
            unanswered.remove(number)
            return

    threads = [threading.Thread(target=ask_until_it_works, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert unanswered == []
