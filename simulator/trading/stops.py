"""When the orders that wait for a price are triggered.

Source: rest-api.md "New order" (trigger rules against the market price) and
faqs/trailing-stop-faq.md.
"""

from __future__ import annotations

from .orders import Order, Side

BASIS_POINTS = 10_000


def waits_for_rise(type: str, side: Side) -> bool:
    """Whether the stop price of such an order is reached from below."""
    return type.startswith("STOP_LOSS") == (side == "BUY")


def is_reached(order: Order, price: int) -> bool:
    """Whether a trade at `price` meets the condition of the stop price."""
    stop = order.wanted.stop_price
    rise = waits_for_rise(order.wanted.type, order.side)
    return price >= stop if rise else price <= stop


def is_triggered(order: Order, price: int, time_us: int) -> bool:
    """Whether a trade at `price` lets the order go; a trailing stop remembers the best price."""
    wanted = order.wanted
    if not wanted.trailing_delta:
        return is_reached(order, price)
    if not order.extreme:
        if wanted.stop_price and not is_reached(order, price):
            return False
        order.extreme, order.trailing_us = price, time_us
        return False
    if order.side == "BUY":
        order.extreme = min(order.extreme, price)
        return price * BASIS_POINTS >= order.extreme * (BASIS_POINTS + wanted.trailing_delta)
    order.extreme = max(order.extreme, price)
    return price * BASIS_POINTS <= order.extreme * (BASIS_POINTS - wanted.trailing_delta)
