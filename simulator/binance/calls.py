"""Requests of the websocket API as they arrive.

Source: web-socket-api.md, "Request format". The documentation calls an id arbitrary; the form that
is checked here, and the words of the refusals, are those that clients have met. A number or an
array among the parameters keeps the spelling in which it was sent, as it was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from .errors import ApiError, bad_request

ID_TEXT = "^[a-zA-Z0-9-_]{1,36}$"
INT64 = range(-(2**63), 2**63)


class _Message(msgspec.Struct):
    """The fields of a request, not yet looked at."""

    id: msgspec.Raw = msgspec.Raw()
    method: msgspec.Raw = msgspec.Raw()
    params: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True)
class Call:
    """A request that was understood.

    `id` is as it was sent; `parameters` are texts, a text without its quotes.
    """

    id: msgspec.Raw
    method: str
    parameters: dict[str, str] = field(default_factory=dict[str, str])


class UnreadableError(Exception):
    """No request: `error` says what is wrong, `id` is what can be echoed."""

    def __init__(self, error: ApiError, id: msgspec.Raw | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.id = id


def read_call(text: str) -> Call:
    """Read the text of a request.

    Raises:
        UnreadableError: with -1135, if it is no JSON object or a field of it is wrong.
    """
    try:
        message = msgspec.json.decode(text, type=_Message)
        known = _is_id(message.id)
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableError(bad_request(-1135, "Invalid JSON Request")) from None
    if not known:
        expected = f"an integer, a string matching '{ID_TEXT}', or null"
        raise UnreadableError(_wrong("id", expected))
    try:
        method = msgspec.json.decode(message.method, type=str)
    except msgspec.DecodeError:
        raise UnreadableError(_wrong("method", "a string"), message.id) from None
    try:
        params = msgspec.json.decode(message.params or b"{}", type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        raise UnreadableError(_wrong("params", "an object"), message.id) from None
    parameters = {name: _text(value) for name, value in params.items()}
    return Call(message.id, method.removeprefix("v3/"), parameters)


def _wrong(name: str, expected: str) -> ApiError:
    return bad_request(-1135, f"Invalid '{name}' in JSON request; expected {expected}.")


def _is_id(raw: msgspec.Raw) -> bool:
    if not bytes(raw):
        return False
    value: object = msgspec.json.decode(raw)
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value in INT64
    return value is None or (isinstance(value, str) and re.fullmatch(ID_TEXT, value) is not None)


def _text(raw: msgspec.Raw) -> str:
    """A text without its quotes, anything else as it was spelled; null counts as nothing."""
    spelled = bytes(raw).decode()
    if spelled.startswith('"'):
        return msgspec.json.decode(raw, type=str)
    return "" if spelled == "null" else spelled
