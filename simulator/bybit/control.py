"""Messages of websocket clients, and their answers.

Source: websocket/wss-authentication.mdx. The shapes of the answers differ between spot, contracts
and the private socket, and so does the order of their fields (as recorded). The documentation has
no words for refusals; these are those that clients have met: `Params Error` for what has no sense,
`error:handler not found,topic:…` for a topic that is none, `args size >10` for too many of spot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from .connection import PRIVATE, BybitConnection

OPERATIONS = ("subscribe", "unsubscribe", "ping", "auth")
MOST_SPOT_ARGS = 10
LONGEST_ARGS = 21_000  # characters, of all topics of a connection
PRIVATE_TOPICS = frozenset(
    f"{kind}{suffix}"
    for kind in ("order", "execution", "position", "wallet", "greeks", "execution.fast")
    for suffix in ("", ".spot", ".linear", ".inverse", ".option")
)
NO_SENSE = "Params Error"


class ControlError(Exception):
    """A message that is refused."""


@dataclass(frozen=True)
class Operation:
    """A message that was understood; `req_id` is `None` where none was sent."""

    op: str
    args: list[Any] = field(default_factory=list[Any])
    req_id: str | None = None


def read(text: str) -> Operation:
    """Read a message.

    Raises:
        ControlError: if it is none.
    """
    try:
        message: Any = json.loads(text)
        json.dumps(message, ensure_ascii=False).encode()  # half a surrogate could not be echoed
    except (ValueError, RecursionError):
        raise ControlError(NO_SENSE) from None
    if not isinstance(message, dict):
        raise ControlError(NO_SENSE)
    fields = cast(dict[str, Any], message)
    op, req_id = fields.get("op"), fields.get("req_id")
    if op not in OPERATIONS or not isinstance(fields.get("args", []), list):
        raise ControlError(NO_SENSE)
    return Operation(op, fields.get("args", []), None if req_id is None else str(req_id))


def topics(operation: Operation) -> list[str]:
    """The topics of a subscription; raises `ControlError` unless they are texts, and some."""
    if not operation.args or not all(isinstance(one, str) for one in operation.args):
        raise ControlError(NO_SENSE)
    return list(dict.fromkeys(operation.args))


def check_size(names: list[str], connection: BybitConnection, held: list[str]) -> None:
    """Raise `ControlError` for too many topics in one message, or on one connection."""
    if connection.category == "spot" and len(names) > MOST_SPOT_ARGS:
        raise ControlError(f"args size >{MOST_SPOT_ARGS}")
    if sum(len(name) for name in dict.fromkeys(held + names)) > LONGEST_ARGS:
        raise ControlError(f"args length >{LONGEST_ARGS}")


def check_kinds(names: list[str]) -> None:
    """Raise `ControlError` for a topic of all categories and one of a single one together.

    Source: websocket/private/order.mdx: the two "cannot be in the same subscription request". The
    words of the refusal are not documented.
    """
    whole = {name for name in names if name.partition(".")[2] in ("", "fast")}
    if any(name.rpartition(".")[0] in whole for name in names if name not in whole):
        raise ControlError(NO_SENSE)


def no_topic(name: str) -> ControlError:
    """There is no such topic."""
    return ControlError(f"error:handler not found,topic:{name}")


def done(operation: Operation, connection: BybitConnection) -> dict[str, Any]:
    """The answer to what has been done."""
    said = operation.op if connection.category == "spot" else ""
    return _answer(operation.op, connection, operation.req_id, said, success=True)


def refused(
    operation: Operation | None, connection: BybitConnection, error: ControlError
) -> dict[str, Any]:
    """The answer to what has not; one that could not be read has no operation."""
    op, req_id = (operation.op, operation.req_id) if operation else ("", None)
    return _answer(op, connection, req_id, str(error), success=False)


def pong(operation: Operation, connection: BybitConnection, now_ms: int) -> dict[str, Any]:
    """The answer to a ping."""
    if connection.category != PRIVATE:
        return _answer("ping", connection, operation.req_id, "pong", success=True)
    req_id = {} if operation.req_id is None else {"req_id": operation.req_id}
    return {**req_id, "op": "pong", "args": [str(now_ms)], "conn_id": connection.conn_id}


def _answer(
    op: str, connection: BybitConnection, req_id: str | None, said: str, *, success: bool
) -> dict[str, Any]:
    known = {} if req_id is None else {"req_id": req_id}
    if connection.category == PRIVATE:
        head = {"success": success, "ret_msg": said, "op": op, "conn_id": connection.conn_id}
        return {**head, **known}
    if connection.category == "linear":
        known = {"req_id": req_id or ""}
    head = {"success": success, "ret_msg": said, "conn_id": connection.conn_id}
    return {**head, **known, "op": op}
