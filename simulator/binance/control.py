"""Control messages of a websocket and their answers.

Source: web-socket-streams.md, "Live Subscribing/Unsubscribing to streams", with its table of
error messages. Answers are never wrapped, also on a combined connection. The text for a
malformed stream name and for too many streams is not documented; both are code 2.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from ..wire.connections import Connection
from ..wire.hub import Hub
from .streams import is_well_formed

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
MAX_STREAMS = 1_024
INT64 = range(-(2**63), 2**63)
ID_TEXT = re.compile(r"[A-Za-z0-9_\-]{1,36}")  # 36: the official client sends UUIDs
NAME_EXPECTED = "Invalid request: property name must be a string"


class ControlError(Exception):
    """A refused control message: answered `{"code": …, "msg": …}`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Request:
    """A control message that was understood as far as its method and id."""

    method: str
    params: list[Any]
    id: int | str | None


def read_request(text: str) -> dict[str, Any]:
    """Read the text of a message.

    Raises:
        ControlError: code 3 if it is not JSON, code 2 if it is no object.
    """
    try:
        message: Any = json.loads(text)
        json.dumps(message, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise ControlError(3, f"Invalid JSON: expected value at {place}") from None
    except (RecursionError, ValueError):  # too deep, too many digits, or half a surrogate
        raise ControlError(3, "Invalid JSON: expected value at line 1 column 1") from None
    if not isinstance(message, dict):
        raise ControlError(2, "Invalid request: expected an object")
    return cast(dict[str, Any], message)


def check_request(message: dict[str, Any], size: int) -> Request:
    """Check method, id and params (code 2); `size` is where the message's text ended."""
    where = f"at line 1 column {size}"
    if "method" not in message:
        raise ControlError(2, f"Invalid request: missing field `method` {where}")
    method = message["method"]
    if method not in METHODS:
        expected = ", ".join(f"`{name}`" for name in METHODS)
        raise ControlError(
            2, f"Invalid request: unknown variant `{method}`, expected one of {expected} {where}"
        )
    if "id" not in message or not is_id(message["id"]):
        raise ControlError(2, "Invalid request: request ID must be an unsigned integer")
    if not isinstance(message.get("params", []), list):
        raise ControlError(2, f"Invalid request: invalid type, expected a sequence {where}")
    return Request(method, message.get("params", []), message["id"])


def is_id(value: object) -> bool:
    """Whether `value` may be an id: 64-bit integer, up to 36 characters of a word, or null."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return value in INT64
    return value is None or (isinstance(value, str) and ID_TEXT.fullmatch(value) is not None)


def answer(request: Request, connection: Connection, hub: Hub) -> Any:
    """Do what is asked and return the `result`.

    Raises:
        ControlError: if it cannot be done; then nothing has changed.
    """
    params = request.params
    if request.method == "SUBSCRIBE":
        hub.subscribe(connection, _new_streams(params, connection))
    elif request.method == "UNSUBSCRIBE":
        hub.unsubscribe(connection, _stream_names(params))
    elif request.method == "LIST_SUBSCRIPTIONS":
        _at_most(params, 0)
        return list(connection.streams)
    elif request.method == "SET_PROPERTY":
        _set_property(params, connection)
    else:
        _at_most(params, 1)
        _property(params)
        return connection.combined
    return None


def _stream_names(params: list[Any]) -> list[str]:
    if not params:
        raise ControlError(2, "Invalid request: params must name at least one stream")
    for name in params:
        if not is_well_formed(name):
            raise ControlError(2, f"Invalid request: invalid stream name {json.dumps(name)}")
    return params


def _new_streams(params: list[Any], connection: Connection) -> list[str]:
    names = _stream_names(params)
    if len(connection.streams.keys() | set(names)) > MAX_STREAMS:
        raise ControlError(2, f"Invalid request: more than {MAX_STREAMS} streams")
    return names


def _set_property(params: list[Any], connection: Connection) -> None:
    _at_most(params, 2)
    _property(params)
    if len(params) < 2 or not isinstance(params[1], bool):
        raise ControlError(1, "Invalid value type: expected Boolean")
    connection.combined = params[1]


def _property(params: list[Any]) -> None:
    if not params or not isinstance(params[0], str):
        raise ControlError(2, NAME_EXPECTED)
    if params[0] != "combined":
        raise ControlError(0, "Unknown property")


def _at_most(params: list[Any], count: int) -> None:
    if len(params) > count:
        raise ControlError(2, "Invalid request: too many parameters")
