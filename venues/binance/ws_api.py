"""Binance's websocket API: what goes out over it, and what its frames are.

One frame is one request, `{"id":1,"method":"order.place","params":{…}}`; its answer has the same
id. The events of the account come over the same connection.

Source: https://developers.binance.com/docs/binance-spot-api-docs/websocket-api
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.orders import (
    CancelAll,
    CancelOrder,
    GetOpenOrders,
    GetOrder,
    PlaceOrder,
    ReplaceOrder,
)
from ..account import NOBODYS, AccountAnswer, AccountControl, AccountEnded, FrameSigner
from ..control import Notice, Refusal
from ..driver import MalformedError
from ..order_terms import Parameters
from ..readers import BodyReader
from . import orders
from .errors import refusal
from .rate_limits import counts
from .user_stream import event

PATH = "/ws-api/v3"
OPENING_WEIGHT = 6
"""The connection, the logon and the subscription: 2 each."""

Parameter = str | int

_COMMANDS: dict[type[Request[Any]], tuple[str, Callable[[Any], Parameters]]] = {
    PlaceOrder: ("order.place", orders.place),
    ReplaceOrder: ("order.cancelReplace", orders.replace),
    CancelOrder: ("order.cancel", orders.one_order),
    CancelAll: ("openOrders.cancelAll", orders.all_of_symbol),
    GetOrder: ("order.status", orders.one_order),
    GetOpenOrders: ("openOrders.status", orders.open_orders),
}
_TEST = "order.test"
_WHOLE = {"orderId", "trailingDelta"}
"""Parameters that are numbers in JSON; prices and quantities are texts, whose digits stay."""
_UNAUTHORISED = 401
_NULL = b"null"
_NOTHING = msgspec.Raw(_NULL)


def opening(signer: FrameSigner, id: int, timestamp_ns: int) -> tuple[str, ...]:
    """The frames that make a new connection carry the account's events.

    {"id":1,"method":"session.logon","params":{"apiKey":…,"signature":…,"timestamp":…}}
    {"id":2,"method":"userDataStream.subscribe"}

    With a key that cannot log on, only:

    {"id":1,"method":"userDataStream.subscribe.signature","params":{"apiKey":…,…}}
    """
    signed = signer.sign({}, timestamp_ns)
    if not signer.logs_on:
        return (_frame(id, "userDataStream.subscribe.signature", signed),)
    return _frame(id, "session.logon", signed), _frame(id + 1, "userDataStream.subscribe", None)


def command(signer: FrameSigner, id: int, request: Request[Any], timestamp_ns: int) -> str | None:
    """The frame that asks; None for what is only asked by REST. Raises `ValidationError`."""
    row = _COMMANDS.get(type(request))
    if row is None:
        return None
    method, parameters = row
    if isinstance(request, PlaceOrder) and request.test:
        method = _TEST
    typed: dict[str, Parameter] = {
        name: int(text) if name in _WHOLE else text for name, text in parameters(request)
    }
    if signer.logs_on:
        typed["timestamp"] = timestamp_ns // 1_000_000
    else:
        typed = signer.sign(typed, timestamp_ns)
    return _frame(id, method, typed)


class _Frame(msgspec.Struct):
    """Any frame.

    {"id":1,"status":200,"result":{…},"rateLimits":[…]}
    {"id":1,"status":400,"error":{"code":-2010,"msg":"…"},"rateLimits":[…]}
    {"id":null,"status":401,"error":{"code":-2015,"msg":"…"}}
    {"subscriptionId":0,"event":{"e":"executionReport",…}}
    {"event":{"e":"serverShutdown","E":1770123456789}}
    """

    id: int | str | None = None
    status: int = 0
    result: msgspec.Raw = _NOTHING
    error: msgspec.Raw = _NOTHING
    event: msgspec.Raw = _NOTHING
    rate_limits: msgspec.Raw = msgspec.field(default=_NOTHING, name="rateLimits")


_read = BodyReader(_Frame)


def control(frame: bytes, received_time: int) -> AccountControl:
    """What a frame is. Raises `MalformedError`."""
    content = _read(frame)
    happened, error, result = (bytes(raw) for raw in (content.event, content.error, content.result))
    if happened != _NULL:
        return event(happened, received_time)
    if error != _NULL:
        return _refused(content, error, received_time)
    if result == _NULL or not 200 <= content.status < 300:
        raise MalformedError("neither an event nor an answer")
    return _answer(content, result, None)


def _refused(content: _Frame, error: bytes, received_time: int) -> AccountControl:
    # The error is what the body of a refusal is by REST.
    refused = refusal(content.status, {}, error, received_time / 1e9)
    if refused is None:
        raise MalformedError("an error that is called a success")
    if content.id is not None:
        return _answer(content, None, refused)
    if refused.wait is not None:
        return AccountAnswer(NOBODYS, None, refused)
    if content.status == _UNAUTHORISED:
        return AccountEnded(f"refused: {refused.error}")
    return Notice(f"refused: {refused.error}")


def _answer(content: _Frame, body: bytes | None, refused: Refusal | None) -> AccountAnswer:
    if not isinstance(content.id, int):
        raise MalformedError("an answer to what was not asked")
    limits, weight = counts(bytes(content.rate_limits))
    return AccountAnswer(content.id, body, refused, limits, weight)


def _frame(id: int, method: str, parameters: Mapping[str, Parameter] | None) -> str:
    content: dict[str, Any] = {"id": id, "method": method}
    if parameters is not None:
        content["params"] = parameters
    return msgspec.json.encode(content).decode()
