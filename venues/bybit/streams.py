"""Bybit's market streams: their names, and the frames that are no market data.

Source: https://bybit-exchange.github.io/docs/v5/ws/connect
"""

from __future__ import annotations

from typing import Any

import msgspec

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
from ..control import UNNUMBERED, Answered, Control, DataFrame, Notice, Ponged
from ..driver import MalformedError
from ..numbers import shortened
from ..readers import check_utf8
from .names import EXCHANGE, INTERVALS, interval_of, symbol_of

FRAME_PREFIX = b'{"topic":"'

RULES = {
    Channel.TRADES: Rule.UNIQUE,
    Channel.BOOK_TICKER: Rule.WHOLE,
    Channel.ORDER_BOOK_UPDATES: Rule.DELTAS,
}

DEPTHS = (50, 200, 1000)
"""The depths of order book updates.

There is `orderbook.1`, too, but its snapshots are what a book ticker is made of, and one name on
the wire is one stream.

Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook
"""
USUAL_DEPTH = 200
DEEPEST = DEPTHS[-1]

_CHANNELS: dict[type, Channel] = {
    SubscribeTicker: Channel.TICKER,
    SubscribeTrades: Channel.TRADES,
    SubscribeBookTicker: Channel.BOOK_TICKER,
    SubscribeOrderBookUpdates: Channel.ORDER_BOOK_UPDATES,
    SubscribeOrderBook: Channel.ORDER_BOOK,
    SubscribeKlines: Channel.KLINES,
}
_TOPICS = {
    Channel.TICKER: "tickers.{symbol}",
    Channel.TRADES: "publicTrade.{symbol}",
    Channel.BOOK_TICKER: "orderbook.1.{symbol}",
    Channel.ORDER_BOOK_UPDATES: "orderbook.{depth}.{symbol}",
    Channel.KLINES: "kline.{interval}.{symbol}",
}
_LONGEST_ID = 18
_NO_DATA = msgspec.Raw(b"")


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
            interval_of(interval)
            return Stream(channel, symbol, interval=interval)
        case SubscribeOrderBook(depth=depth):
            _check_depth(depth, 1)
            return Stream(channel, symbol)
        case SubscribeOrderBookUpdates(depth=depth):
            _check_depth(depth, 0)
            wanted = depth or USUAL_DEPTH
            return Stream(channel, symbol, depth=next(each for each in DEPTHS if each >= wanted))
        case _:
            return Stream(channel, symbol)


def stream_name(stream: Stream) -> str:
    """The stream's name on the wire, such as `publicTrade.BTCUSDT` or `kline.60.BTCUSDT`."""
    return _TOPICS[stream.channel].format(
        symbol=stream.symbol,
        interval=INTERVALS.get(stream.interval),
        depth=stream.depth or USUAL_DEPTH,
    )


def command(id: int, subscribe: bool, names: tuple[str, ...]) -> str:
    """The frame that changes subscriptions.

    {"req_id":"7","op":"subscribe","args":["orderbook.50.BTCUSDT","publicTrade.BTCUSDT"]}
    """
    operation = "subscribe" if subscribe else "unsubscribe"
    content = {"req_id": str(id), "op": operation, "args": names}
    return msgspec.json.encode(content).decode()


def ping_command(id: int) -> str:
    """The frame that is a ping.

    {"req_id":"100001","op":"ping"}
    """
    return msgspec.json.encode({"req_id": str(id), "op": "ping"}).decode()


class _Control(msgspec.Struct, frozen=True):
    """Any frame.

    {"success":true,"ret_msg":"","conn_id":"2324d924","req_id":"10001","op":"subscribe"}
    {"success":false,"ret_msg":"error:handler not found,topic:x","conn_id":"","op":"subscribe"}
    {"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"}
    {"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocs"}
    {"type":"snapshot","topic":"kline.1.ETHUSDT","data":[…],"ts":1786310818818}
    """

    topic: str | None = None
    data: msgspec.Raw = _NO_DATA
    op: str = ""
    success: bool | None = None
    ret_msg: str = ""
    ret_code: Any = msgspec.field(default=0, name="retCode")
    req_id: Any = None


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
    if content.topic is not None and content.data is not _NO_DATA:
        return DataFrame(content.topic.encode())
    id, refusal = _id(content.req_id), _refusal(content)
    if content.op in ("ping", "pong"):
        number = UNNUMBERED if id is None else id  # documented without one, seen with it
        return Ponged(number) if refusal is None else Notice(f"refused: {refusal}")
    if content.success is None and refusal is None:
        raise MalformedError("neither market data nor an answer")
    if id is not None:
        return Answered(id, refusal)
    if refusal is not None:
        return Notice(f"refused: {refusal}")
    return Notice(f"confirmed: {shortened(content.op)}")


def _refusal(content: _Control) -> ExchangeError | None:
    """Mostly without a code; of several names that were asked for, only the first is told."""
    code = content.ret_code
    if not isinstance(code, int) or isinstance(code, bool) or not -(2**63) <= code < 2**63:
        code = 0
    if code == 0 and content.success is not False:
        return None
    return ExchangeError(code, shortened(content.ret_msg), exchange=EXCHANGE)


def _id(text: object) -> int | None:
    """Ours are numbers; an answer to another's has none, or a foreign one."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
        return int(text)
    return None


def _check_depth(depth: Any, least: int) -> None:
    is_number = isinstance(depth, int) and not isinstance(depth, bool)
    if not is_number or not least <= depth <= DEEPEST:
        raise ValidationError("depth", depth, f"must be {least} to {DEEPEST}")
