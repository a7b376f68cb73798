"""Which stream a recorded frame belongs to.

A frame in an envelope keeps its name, unless its payload is of another symbol (some published
examples are so); a bare one is named by its event type.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..binance.streams import is_well_formed

CHANNELS = {
    "trade": "trade",
    "aggTrade": "aggTrade",
    "blockTrade": "blockTrade",
    "24hrTicker": "ticker",
    "24hrMiniTicker": "miniTicker",
    "depthUpdate": "depth",
    "avgPrice": "avgPrice",
    "referencePrice": "referencePrice",
    "1hTicker": "ticker_1h",
    "4hTicker": "ticker_4h",
    "1dTicker": "ticker_1d",
}
BOOK_TICKER = frozenset("usbBaA")


class Head(msgspec.Struct):
    """As much of a frame as names it."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")


class _Candle(msgspec.Struct):
    i: str = ""


class _Payload(msgspec.Struct):
    e: str = ""
    s: str = ""
    k: _Candle | None = None


def payload_head(payload: bytes | msgspec.Raw) -> tuple[str, str]:
    """The channel (`""` where unknown) and symbol that a bare payload tells of itself."""
    try:
        head = msgspec.json.decode(payload, type=_Payload)
    except msgspec.DecodeError:
        return "", ""
    if head.e == "kline" and head.k is not None:
        return f"kline_{head.k.i}", head.s
    if not head.e and head.s and _is_book_ticker(payload):
        return "bookTicker", head.s
    return CHANNELS.get(head.e, ""), head.s


def stream_of(head: Head, raw: bytes) -> tuple[str, str] | None:
    """The stream's name and the symbol of a frame; `None` if it is no market frame."""
    if not head.stream:
        channel, symbol = payload_head(raw)
        return (f"{symbol.lower()}@{channel}", symbol.upper()) if channel and symbol else None
    if not is_well_formed(head.stream) or not bytes(head.data):
        return None
    lower, separator, channel = head.stream.partition("@")
    if not separator or lower.startswith("!"):
        return head.stream, ""
    symbol = payload_head(head.data)[1].upper() or lower.upper()
    return f"{symbol.lower()}@{channel}", symbol


def _is_book_ticker(payload: bytes | msgspec.Raw) -> bool:
    fields: dict[str, Any] = msgspec.json.decode(payload, type=dict[str, Any])
    return fields.keys() >= BOOK_TICKER
