"""Where the time goes: what each step of decoding takes, by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from exchange_connector.venues.binance import translation, wire, wire_statistics
from exchange_connector.venues.shapes import DIGITS, BookShapes, Shapes, has_lone_point

from .frames import MIXES, Market, payload, symbols
from .rounds import Figures
from .ways.inside import stream_of

MESSAGES, ROUNDS = 1_500, 7


class Steps(NamedTuple):
    """How a kind of frame is decoded once its shape is known."""

    knows: Callable[[bytes], object]
    decode: Callable[[bytes], Any]
    translate: Callable[[Any, Any, int], object]


def measure() -> Figures:
    """Microseconds a message for each step, by kind of message; of the mix, too."""
    found = {kind: _of(kind) for kind in MIXES["mix"]}
    parts = {kind: weight / 100 for kind, weight in MIXES["mix"].items()}
    found["mix"] = {
        step: sum(parts[kind] * found[kind][step] for kind in parts) for step in found["depth"]
    }
    return found


def _of(kind: str) -> dict[str, float]:
    names = symbols(1)
    messages = list(Market().messages("mix", 4 * MESSAGES, names))
    frames = [payload(each, raw=False) for each in messages if each.stream.startswith(_begin(kind))]
    if kind != "ticker":
        frames = frames[:MESSAGES]
    steps = _steps(kind, frames)
    decoded = [steps.decode(frame) for frame in frames]
    stream = stream_of(kind, names[0])
    return {
        "check": _took(steps.knows, frames),
        "decode": _took(steps.decode, frames),
        "translate": _took(lambda each: steps.translate(each, stream, 1), decoded),
    }


def _begin(kind: str) -> str:
    return f"{symbols(1)[0].lower()}@{kind}"


def _steps(kind: str, frames: Sequence[bytes]) -> Steps:
    if kind == "depth":
        books = BookShapes({})
        books.learn(frames[0])

        def knows_levels(frame: bytes) -> bool:
            return books.knows(frame) and not has_lone_point(frame)

        depth = wire.StrictDepthUpdate[msgspec.Raw]
        return Steps(knows_levels, _decoder(depth), translation.order_book_update)
    shapes = Shapes()
    for frame in frames:
        shapes.learn(frame)

    def knows(frame: bytes) -> bool:
        return frame.translate(None, DIGITS) in shapes.known

    kinds: dict[str, tuple[Any, Callable[..., object]]] = {
        "trade": (wire.StrictTrade[Decimal], translation.trade),
        "bookTicker": (wire.StrictBookTicker[Decimal], translation.book_ticker),
        "ticker": (wire_statistics.StrictTicker[Decimal, Decimal], translation.ticker),
    }
    payload_type, translate = kinds[kind]
    return Steps(knows, _decoder(payload_type), translate)


def _decoder(kind: Any) -> Callable[[bytes], Any]:
    whole: Any = wire.StrictFrame
    decode: Callable[[bytes], Any] = msgspec.json.Decoder(whole[kind]).decode
    return decode


def _took(function: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Microseconds for each, in the round that took least."""
    least = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for item in items:
            function(item)
        least = min(least, time.perf_counter() - began)
    return least / len(items) * 1e6
