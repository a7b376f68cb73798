"""Linear tickers: the whole once, then only what has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from ...messages.market import MarketEvent, Ticker
from ...messages.streams import Stream
from ..driver import LacksWholeError, MalformedError
from ..instants import from_milliseconds
from ..numbers import number, shortened, signed_number
from ..readers import check_utf8
from .names import EXCHANGE
from .translation import percent
from .wire_statistics import Changes, LinearTicker, StrictLinearTicker

_strictly = msgspec.json.Decoder(StrictLinearTicker).decode
_tolerantly = msgspec.json.Decoder(LinearTicker).decode

_BEGIN_ANEW = 60_000
"""A snapshot that is older by more milliseconds is no repetition: the exchange's clock was set."""
_CHANGE = "change"
_NAMES = tuple(name for name in Changes.__struct_fields__ if name != "symbol")

Values = dict[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class _State:
    """What is known, and as of when (milliseconds, cross sequence)."""

    values: Values
    ts: int
    cs: int


def _nothing(frame: bytes, received_time: int) -> MarketEvent | None:
    """No frame can be understood by itself."""
    return None


class CumulativeTickerDecoder:
    """Turns a linear ticker's frames into events; it has to see every one of them, in order.

    A frame that is no news gives no event. Where a connection is replaced, the new one begins with
    a snapshot and may repeat what the old one brought: what is older than what is known changes
    nothing. A delta before any snapshot raises `LacksWholeError`. After a frame that is malformed,
    what is known may be wrong, and the next snapshot is waited for.
    """

    __slots__ = ("_state", "_stream", "drifted")

    def __init__(self, stream: Stream) -> None:
        self.drifted = 0
        self._stream = stream
        self._state: _State | None = None

    @property
    def recognise(self) -> Callable[[bytes, int], MarketEvent | None]:
        """Nothing."""
        return _nothing

    def decode(self, frame: bytes, received_time: int) -> Ticker | tuple[()]:
        """The ticker after a frame read at `received_time` (ns), if that changes it.

        Raises:
            MalformedError: It cannot be read.
            LacksWholeError: It says what has changed of something that is not known.
        """
        try:
            check_utf8(frame)
            content, has_drifted = _read(frame)
            is_news = self._take(content)
        except MalformedError:
            self._state = None
            raise
        self.drifted += has_drifted
        return self._event(received_time) if is_news else ()

    def _take(self, content: LinearTicker) -> bool:
        """Whether it is news."""
        state, is_snapshot, symbol = self._state, content.type == "snapshot", content.data.symbol
        if symbol != self._stream.symbol:
            raise MalformedError(f"a frame of {shortened(symbol)}, not {self._stream.symbol}")
        from_milliseconds(content.ts)
        if state is None or _is_old(content, state):
            begins = is_snapshot and (state is None or state.ts - content.ts > _BEGIN_ANEW)
            if not begins:
                _values(content.data)  # malformed is malformed, though it changes nothing
                if state is None:
                    raise LacksWholeError
                return False
        known: Values = {} if is_snapshot or state is None else state.values
        values = known | _values(content.data)
        if values.get("last_price") is None:
            raise MalformedError("a ticker without a last price")
        self._state = _State(values, content.ts, content.cs)
        return True

    def _event(self, received_time: int) -> Ticker:
        state: Any = self._state
        values = dict(state.values)
        change = values.pop(_CHANGE, None)
        return Ticker(
            EXCHANGE,
            self._stream.symbol,
            from_milliseconds(state.ts),
            received_time,
            **values,
            price_change_percent=change,
        )


def _read(frame: bytes) -> tuple[LinearTicker, bool]:
    """A frame, and whether there is something in it that nobody knows."""
    try:
        return _strictly(frame), False
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    try:
        return _tolerantly(frame), True
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = shortened(str(error))
    raise MalformedError(reason)


def _is_old(content: LinearTicker, state: _State) -> bool:
    """Of two frames of one millisecond, the cross sequence tells, where they have one."""
    return content.ts < state.ts or (content.ts == state.ts and 0 < content.cs <= state.cs)


def _values(changes: Changes) -> Values:
    """What a frame says; an empty text says that there is none."""
    values: Values = {}
    for name in _NAMES:
        text = getattr(changes, name)
        if text is msgspec.UNSET:
            continue
        if not text:
            values[name] = None
        elif name == _CHANGE:
            values[name] = percent(signed_number(text))
        else:
            values[name] = number(text)
    return values
