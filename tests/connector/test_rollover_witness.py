"""Whatever happens to a session during a rollover, a second connector sees what the first one missed."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from exchange_connector import ConnectorActor, ExchangeConnectionError, StreamGap
from exchange_connector.actors.base.room import Room
from exchange_connector.actors.session import SessionActor
from exchange_connector.simulator import SimulatedExchange

CHANNELS = ("trades", "book_ticker", "ticker", "order_book_updates")
DEATHS = ("error", "stop", "hang")
ROUNDS = 12


class Mortal(ConnectorActor):
    """A connector whose session can be made to die; one that hangs is noticed sooner."""

    _busy_limit = 0.3

    def on_receive(self, message: Any) -> Any:
        """Kill the session, if it is that."""
        if message == "stop":
            child = self._children["session-0"]
            if child.ref is not None:
                child.ref.stop(block=False)
        elif message in DEATHS:
            self._offices.of("session-0").tell(message)
        else:
            return super().on_receive(message)
        return None


@pytest.fixture
def mortal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that takes a word for its death."""
    healthy = SessionActor.receive

    def receive(self: Room, message: Any) -> None:
        if message == "error":
            raise RuntimeError("a bug in the room")
        if message == "hang":
            threading.Event().wait(1.0)
        else:
            healthy(self, message)  # type: ignore[arg-type]

    monkeypatch.setattr(SessionActor, "receive", receive)


def key(event: Any) -> int:
    """What an event is known by, and ordered by."""
    for name in ("trade_id", "update_id", "last_update_id"):
        if (found := getattr(event, name, None)) is not None:
            return int(found)
    return int(event.event_time)


def check(own: list[Any], others: list[Any]) -> int:
    """Each once, in order, and none missing without a gap; how many gaps there were."""
    known = sorted({key(event) for event in others})
    following = dict(pairwise(known))
    last: int | None = None
    for event in own:
        if isinstance(event, StreamGap):
            last = None
            continue
        number = key(event)
        if last is not None:
            assert number > last, (last, event)
            if last in following and not getattr(event, "recovered", False):
                assert number <= following[last], (last, following[last], event)
        last = number
    return sum(isinstance(event, StreamGap) for event in own)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_missed_is_told(
    seed: int, start: Callable[..., Any], record: Callable[[], Any], mortal: None
) -> None:
    """Rollovers whose connections are cut, and whose session dies, at any moment."""
    chance = random.Random(seed)
    with SimulatedExchange(symbols=("BTCUSDT",), rate=200.0) as exchange:
        witness = start(exchange).proxy()
        theirs = {channel: record() for channel in CHANNELS}
        for channel, recorder in theirs.items():
            getattr(witness, f"subscribe_{channel}")("BTCUSDT", recorder).get(timeout=10)
        spared = set(exchange.connection_ids)
        ref = start(exchange, actor=Mortal, supervision={"max_restarts": 1000})
        connector = ref.proxy()
        own = {channel: record() for channel in CHANNELS}
        for channel, recorder in own.items():
            more = {"overflow": "block", "max_pending": 5} if channel == "book_ticker" else {}
            getattr(connector, f"subscribe_{channel}")("BTCUSDT", recorder, **more).get(timeout=10)
        own["ticker"].wait_for(object)
        waiting: list[Any] = []
        for _ in range(ROUNDS):
            waiting.append(connector.roll_over())
            time.sleep(chance.random() * 0.03)
            deed = chance.choice(("cut old", "cut new", "cut all", *DEATHS, "nothing", "forget"))
            mine = sorted(set(exchange.connection_ids) - spared)
            if deed.startswith("cut"):
                chosen = {"old": mine[:1], "new": mine[-1:], "all": mine}[deed[4:]]
                for connection in chosen:
                    exchange.cut(connection)
            elif deed in DEATHS:
                ref.tell(deed)
            seen = {channel: len(own[channel].events) for channel in CHANNELS}
            for channel, count in seen.items():
                if channel != "ticker":
                    own[channel].wait(lambda events, count=count: len(events) > count + 5)
        for each in waiting:
            with contextlib.suppress(ExchangeConnectionError):  # an answer as well
                each.get(timeout=10)
        gaps = {channel: check(own[channel].events, theirs[channel].events) for channel in CHANNELS}
        assert gaps["trades"] <= ROUNDS + 1, gaps
        assert exchange.wait_until(lambda e: len(set(e.connection_ids) - spared) == 1)
