"""The handlers: each event goes to its own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from exchange_connector.actors.feeds.handlers import HandlersRecipient
from exchange_connector.messages import lifecycle, market
from exchange_connector.messages.enums import Side
from exchange_connector.messages.errors import ConnectorError
from exchange_connector.messages.market import BaseEvent
from exchange_connector.messages.subscriptions import Handlers

ONE = Decimal(1)
EVENTS: dict[str, BaseEvent] = {
    "on_ticker": market.Ticker("sim", "X", 1, 1, ONE),
    "on_order_book": market.OrderBook("sim", "X", 1, 1, 1, (), ()),
    "on_order_book_update": market.OrderBookUpdate("sim", "X", 1, 1, 1, 1, (), ()),
    "on_trade": market.Trade("sim", "X", 1, 1, "1", ONE, ONE, Side.BUY, 1),
    "on_book_ticker": market.BookTicker("sim", "X", 1, 1, 1, ONE, ONE, ONE, ONE),
    "on_kline": market.Kline("sim", "X", 1, 1, "1m", 1, 1, ONE, ONE, ONE, ONE, ONE, ONE, 1, False),
    "on_gap": market.StreamGap("sim", "X", 1, 1, "trades", "missed"),
    "on_connect": lifecycle.Connected("sim", "session-0"),
    "on_disconnect": lifecycle.Disconnected("sim", "cut", "session-0"),
    "on_error": lifecycle.ErrorOccurred("sim", ConnectorError()),
}


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_goes_to_its_handler(name: str, new_probe: Callable[[], Any]) -> None:
    """And to no other."""
    probes = {field: new_probe() for field in msgspec.structs.asdict(Handlers())}
    recipient: Any = HandlersRecipient()
    recipient.handlers = Handlers(**probes)
    recipient.call(EVENTS[name])
    assert {field for field, probe in probes.items() if probe.told} == {name}
    assert probes[name].told == [EVENTS[name]]


def test_an_event_without_a_handler_is_forgotten(probe: Any) -> None:
    """Quietly."""
    recipient: Any = HandlersRecipient()
    recipient.handlers = Handlers(on_trade=probe)
    recipient.call(EVENTS["on_ticker"])
    recipient.call(lifecycle.Stopped("sim"))
    assert probe.told == []


def test_handlers_are_exchanged_as_a_whole(new_probe: Callable[[], Any]) -> None:
    """What the new ones do not name is not taken over from the old ones."""
    old, new = new_probe(), new_probe()
    recipient: Any = HandlersRecipient()
    recipient.handlers = Handlers(on_trade=old)
    recipient.handlers = Handlers(on_ticker=new)
    recipient.call(EVENTS["on_trade"])
    recipient.call(EVENTS["on_ticker"])
    assert (old.told, new.told) == ([], [EVENTS["on_ticker"]])


def test_handlers_never_go() -> None:
    """Though they may be none."""
    assert not HandlersRecipient().is_gone()
