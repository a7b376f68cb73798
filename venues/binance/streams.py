"""Binance's market streams: their names, and the frames that are no market data.

Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from ...core.sequence import Rule
from ...messages.enums import Channel
from ...messages.errors import ExchangeError, ValidationError
from ...messages.requests import (
    SubscribeBookTicker,
    SubscribeKlines,
    SubscribeMarket,
    SubscribeOrderBook,
    SubscribeOrderBookUpdates,
    SubscribeTicker,
    SubscribeTrades,
)
from ...messages.streams import Stream
from ..control import Answered, Control, DataFrame, Listed, Notice
from ..driver import MalformedError
from ..numbers import shortened
from ..readers import check_utf8
from .names import EXCHANGE, symbol_of

FRAME_PREFIX = b'{"stream":"'

RULES = {
    Channel.TRADES: Rule.CONSECUTIVE,
    Channel.BOOK_TICKER: Rule.INCREASING,
    Channel.ORDER_BOOK_UPDATES: Rule.CONSECUTIVE,
}

INTERVALS = (
    *("1s", "1m", "3m", "5m", "15m", "30m"),
    *("1h", "2h", "4h", "6h", "8h", "12h"),
    *("1d", "3d", "1w", "1M"),
)
SNAPSHOTS = (100, 500, 1000, 5000)
"""The depths at which a snapshot's request weight changes: 5, 25, 50, 250.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api ("Order book")
"""

_CHANNELS: dict[type, Channel] = {
    SubscribeTicker: Channel.TICKER,
    SubscribeTrades: Channel.TRADES,
    SubscribeBookTicker: Channel.BOOK_TICKER,
    SubscribeOrderBookUpdates: Channel.ORDER_BOOK_UPDATES,
    SubscribeOrderBook: Channel.ORDER_BOOK,
    SubscribeKlines: Channel.KLINES,
}
_SUFFIXES = {
    Channel.TICKER: "ticker",
    Channel.TRADES: "trade",
    Channel.BOOK_TICKER: "bookTicker",
    Channel.ORDER_BOOK_UPDATES: "depth@100ms",
    Channel.KLINES: "kline_{interval}",
}
_SHUTDOWN = "serverShutdown"


def stream(request: SubscribeMarket) -> Stream:
    """The stream that serves a subscription; that of an order book is kept, from its updates.

    Raises:
        ValidationError: Naming the field that is wrong.
    """
    channel, symbol = _CHANNELS.get(type(request)), symbol_of(request.symbol)
    if channel is None:
        raise ValidationError("channel", type(request).__name__, "is no channel of market data")
    match request:
        case SubscribeKlines(interval=interval):
            if interval not in INTERVALS:
                raise ValidationError(
                    "interval", interval, f"must be one of {', '.join(INTERVALS)}"
                )
            return Stream(channel, symbol, interval=interval)
        case SubscribeOrderBook(depth=depth):
            _check_depth(depth)
            return Stream(channel, symbol)
        case _:
            return Stream(channel, symbol)


def stream_name(stream: Stream) -> str:
    """The stream's name on the wire, such as `btcusdt@trade`; symbols are in lower case there."""
    suffix = _SUFFIXES[stream.channel].format(interval=stream.interval)
    return f"{stream.symbol.lower()}@{suffix}"


def command(id: int, subscribe: bool, names: tuple[str, ...]) -> str:
    """The frame that changes subscriptions.

    {"method":"SUBSCRIBE","params":["btcusdt@aggTrade","btcusdt@depth"],"id":1}
    """
    method = "SUBSCRIBE" if subscribe else "UNSUBSCRIBE"
    return msgspec.json.encode({"method": method, "params": names, "id": id}).decode()


def list_command(id: int) -> str:
    """The frame that asks what the session carries.

    {"method":"LIST_SUBSCRIPTIONS","id":3}
    """
    return msgspec.json.encode({"method": "LIST_SUBSCRIPTIONS", "id": id}).decode()


class _Error(msgspec.Struct, frozen=True):
    """{"code":2,"msg":"Invalid request: unknown variant"}."""

    code: int
    msg: str = ""


class _Data(msgspec.Struct, frozen=True):
    """As much of a payload as says whether it is market data."""

    e: Any = ""


class _Control(msgspec.Struct, frozen=True):
    """Any frame.

    {"result":null,"id":1}
    {"result":["btcusdt@aggTrade"],"id":3}
    {"code":2,"msg":"Invalid request: unknown variant","id":1}
    {"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":1}
    {"e":"serverShutdown","E":1770123456789}
    {"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}
    """

    id: int | str | None = None
    result: Any = UNSET
    error: _Error | None = None
    code: int | UnsetType = UNSET
    msg: str = ""
    e: Any = ""
    stream: str | None = None
    data: _Data | None = None


_decode_control = msgspec.json.Decoder(_Control).decode


def control(frame: bytes) -> Control:
    """What a frame is that is not plainly market data. Raises `MalformedError`."""
    check_utf8(frame)
    try:
        content = _decode_control(frame)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = shortened(str(error))
    else:
        return _meaning(content)
    raise MalformedError(reason)


def _meaning(content: _Control) -> Control:
    if content.stream is not None and content.data is not None:
        if content.data.e == _SHUTDOWN:
            return Notice(_SHUTDOWN, is_ending=True)
        return DataFrame(content.stream.encode())
    if content.e == _SHUTDOWN:
        return Notice(_SHUTDOWN, is_ending=True)
    error = content.error
    if error is None and content.code is not UNSET:
        error = _Error(content.code, content.msg)
    refusal = None
    if error is not None:
        code = error.code if -(2**63) <= error.code < 2**63 else 0  # as of a refused request
        refusal = ExchangeError(code, shortened(error.msg), exchange=EXCHANGE)
    result = content.result
    if isinstance(content.id, int) and refusal is None and _is_list(result):
        return Listed(content.id, _names(result))
    if isinstance(content.id, int) and (refusal is not None or result is not UNSET):
        return Answered(content.id, refusal)
    if refusal is not None:
        return Notice(f"refused: {refusal}")
    raise MalformedError("neither market data nor an answer")


def _is_list(result: object) -> bool:
    return isinstance(result, list)


def _names(result: Any) -> tuple[str, ...]:
    try:
        return msgspec.convert(result, tuple[str, ...])
    except msgspec.ValidationError:
        raise MalformedError("a list of subscriptions with something else in it") from None


def _check_depth(depth: Any) -> None:
    deepest = SNAPSHOTS[-1]
    if not isinstance(depth, int) or isinstance(depth, bool) or not 1 <= depth <= deepest:
        raise ValidationError("depth", depth, f"must be 1 to {deepest}")
