"""The ids that events are numbered with."""

from __future__ import annotations

from typing import Any, cast

from ...messages.market import BaseEvent, BookTicker, OrderBookUpdate, Trade


def ids(event: Any) -> tuple[int, int]:
    """The first and the last id that an event is numbered with."""
    kind = cast("type[BaseEvent]", type(event))
    if kind is OrderBookUpdate:
        return event.first_update_id, event.last_update_id
    if kind is Trade:
        number = int(event.trade_id)
        return number, number
    if kind is BookTicker:
        return event.update_id, event.update_id
    raise TypeError(f"{kind.__name__} has no id")
