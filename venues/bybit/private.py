"""Bybit's private websocket: how it is opened, and what its frames are.

Nothing is asked over it: orders go by REST.

Source: https://bybit-exchange.github.io/docs/v5/ws/connect
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...messages.base import Request
from ...messages.errors import ExchangeError
from ..account import AccountAnswer, AccountControl, FrameSigner
from ..control import UNNUMBERED, Notice, Ponged, Refusal
from ..driver import MalformedError
from ..instants import from_milliseconds
from ..numbers import shortened
from ..readers import BodyReader
from .errors import AUTHENTICATION, TIMESTAMP, authentication_error
from .names import EXCHANGE
from .user_stream import TOPICS, events
from .wire import Time

PATH = "/v5/private"

_NOTHING = msgspec.Raw(b"")
_LONGEST_ID = 18
_ABOUT_THE_KEY = ("key", "sign", "auth", "permission", "unmatched ip")


def opening(signer: FrameSigner, id: int, timestamp_ns: int) -> tuple[str, ...]:
    """The frames that make a new connection carry the account's events.

    {"req_id":"1","op":"auth","args":["api_key",1662350400000,"signature"]}
    {"req_id":"2","op":"subscribe","args":["order.spot","execution.spot","wallet"]}
    """
    signed = signer.sign({}, timestamp_ns)
    logon = [signed[name] for name in ("key", "expires", "signature")]
    return _frame(id, "auth", logon), _frame(id + 1, "subscribe", TOPICS)


def command(signer: FrameSigner, id: int, request: Request[Any], timestamp_ns: int) -> str | None:
    """Nothing is asked over it."""
    return None


class _Frame(msgspec.Struct, rename={"creation_time": "creationTime", "ret_code": "retCode"}):
    """Any frame.

    {"success":true,"ret_msg":"","op":"auth","conn_id":"cejreaspqfh3sjdnldmg-p"}
    {"req_id":"2","success":true,"ret_msg":"","op":"subscribe","conn_id":"cejreassvfrsfvb9v1a0-2m"}
    {"req_id":"test","op":"pong","args":["1675418560633"],"conn_id":"cfcb4ocsvfriu23r3er0-1b"}
    {"id":"5923240c6880ab-c59f-420b-9adb-3639adc9dd90","topic":"order.spot",
    "creationTime":1672364262474,"data":[…]}
    """

    topic: str | None = None
    creation_time: Time = 0
    data: msgspec.Raw = _NOTHING
    op: str = ""
    success: bool | None = None
    ret_msg: str = ""
    ret_code: Any = 0
    req_id: Any = None


_read = BodyReader(_Frame)


def control(frame: bytes, received_time: int) -> AccountControl:
    """What a frame is. Raises `MalformedError`."""
    content = _read(frame)
    if content.topic is not None and content.data is not _NOTHING:
        told = from_milliseconds(content.creation_time) or received_time
        return events(content.topic, bytes(content.data), told, received_time)
    refusal = _refusal(content)
    if content.op in ("ping", "pong"):
        id = _id(content.req_id)
        return Ponged(id) if refusal is None else Notice(f"refused: {refusal.error}")
    if content.success is None and refusal is None:
        raise MalformedError("neither an event nor an answer")
    if content.op in ("auth", "subscribe"):
        body = b"" if refusal is None else None
        return AccountAnswer(_id(content.req_id), body, refusal)
    return Notice(f"answered: {shortened(content.op or content.ret_msg)}")


def _refusal(content: _Frame) -> Refusal | None:
    """Mostly without a code, so that the words have to say whether it is about the key.

    A logon that is not about the key is about its time, which is all that there is besides.
    """
    code = content.ret_code
    if not isinstance(code, int) or isinstance(code, bool) or not -(2**63) <= code < 2**63:
        code = 0
    if code == 0 and content.success is not False:
        return None
    words = shortened(content.ret_msg)
    is_about_time = code in TIMESTAMP or (not code and _is_about_time(content.ret_msg))
    if not is_about_time and (code in AUTHENTICATION or _is_about_the_key(content)):
        return Refusal(authentication_error(code, words, 0))
    error = ExchangeError(code, words, exchange=EXCHANGE)
    return Refusal(error, clock_doubted=is_about_time or content.op == "auth")


def _is_about_the_key(content: _Frame) -> bool:
    words = content.ret_msg.lower()
    return any(word in words for word in _ABOUT_THE_KEY)


def _is_about_time(words: str) -> bool:
    return "expire" in words.lower() and "key" not in words.lower()


def _id(text: object) -> int:
    """Ours are numbers; the documented answers have none."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
        return int(text)
    return UNNUMBERED


def _frame(id: int, operation: str, arguments: Any) -> str:
    content = {"req_id": str(id), "op": operation, "args": arguments}
    return msgspec.json.encode(content).decode()
