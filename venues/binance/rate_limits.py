"""How Binance counts what was sent, in headers and in answers of its websocket API.

Sources: binance-spot-api-docs, rest-api.md ("LIMITS"), web-socket-api.md ("Rate limits"), enums.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ..account import LimitCount
from ..headers import whole_seconds

SECONDS = {"SECOND": 1.0, "MINUTE": 60.0, "HOUR": 3600.0, "DAY": 86_400.0}

_LETTERS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_WEIGHT_PERIOD = 60.0
_MOST = 2**63

_order_count = re.compile(r"x-mbx-order-count-([0-9]{1,6})([smhd])").fullmatch


class _Count(msgspec.Struct, rename="camel"):
    """{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":12}."""

    rate_limit_type: str
    interval: str
    interval_num: int
    limit: int
    count: int


_decode = msgspec.json.Decoder(tuple[_Count, ...]).decode


def order_counts(headers: Mapping[str, str]) -> tuple[LimitCount, ...]:
    """The account's unfilled orders, as an answer's headers have them.

    X-MBX-ORDER-COUNT-10S: 12

    Args:
        headers: With lower-case names.
    """
    found = ((_order_count(name), text) for name, text in headers.items())
    return tuple(
        LimitCount(int(match[1]) * _LETTERS[match[2]], int(text))
        for match, text in found
        if match is not None and int(match[1]) and whole_seconds(text)
    )


def counts(limits: bytes) -> tuple[tuple[LimitCount, ...], int | None]:
    """The account's unfilled orders and this minute's request weight, from `rateLimits`.

    What cannot be read is nothing: an order's answer must not be lost for it.
    """
    try:
        listed = _decode(limits)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return (), None
    valid = [
        (each.rate_limit_type, each.interval_num * SECONDS[each.interval], each)
        for each in listed
        if each.interval in SECONDS
        and all(0 <= number < _MOST for number in (each.interval_num, each.limit, each.count))
    ]
    orders = tuple(
        LimitCount(period, each.count, each.limit)
        for kind, period, each in valid
        if kind == "ORDERS"
    )
    weights = [
        each.count
        for kind, period, each in valid
        if kind == "REQUEST_WEIGHT" and period == _WEIGHT_PERIOD
    ]
    return orders, max(weights, default=None)
