"""Events and errors as MessagePack: maps whose `type` says what they are.

A `Decimal` is its text, digit by digit; an enumeration its value; a price level a pair.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Union, get_args

import msgspec

from .account import Fill, Order
from .enums import OrderStatus, OrderType, Side, TimeInForce, known
from .errors import ERRORS, ConfigurationError, ConnectorError, ProtocolError
from .events import Event
from .levels import Levels
from .lifecycle import ErrorOccurred
from .market import OrderBook, OrderBookUpdate

_EXCERPT = 80
_MEMBERS: dict[str, type[StrEnum]] = {
    "side": Side,
    "type": OrderType,
    "status": OrderStatus,
    "time_in_force": TimeInForce,
}
"""Fields of an order that may have a text which is new, for which msgspec has no type."""
_ODD_TEXT = 1
"""Extension type of text that is no Unicode, which an error may quote from somewhere."""


class _Tagged(msgspec.Struct):
    type: str


class _ErrorOccurred(msgspec.Struct, tag_field="type", tag="ErrorOccurred"):
    exchange: str
    error: dict[str, Any]


def _enc_hook(value: Any) -> Any:
    if isinstance(value, Levels):
        return tuple(value)
    raise NotImplementedError(type(value).__name__)


def _ext_hook(code: int, data: memoryview) -> str:
    if code != _ODD_TEXT:
        raise ValueError(f"unknown extension type {code}")
    return str(data, "utf-8", "surrogatepass")


# msgspec would take an error for a plain dataclass, and forget which one it is.
_plain_events: Any = Union[tuple(kind for kind in get_args(Event) if kind is not ErrorOccurred)]  # noqa: UP007

_decode_tag = msgspec.msgpack.Decoder(_Tagged).decode
_decode_event = msgspec.msgpack.Decoder(_plain_events).decode
_decode_error_event = msgspec.msgpack.Decoder(_ErrorOccurred, ext_hook=_ext_hook).decode
_decode_error = msgspec.msgpack.Decoder(dict[str, Any], ext_hook=_ext_hook).decode
_encode = msgspec.msgpack.Encoder(enc_hook=_enc_hook).encode


def encode(message: Event | ConnectorError) -> bytes:
    """An event or an error as MessagePack."""
    if isinstance(message, ConnectorError):
        return _encode(_fields(message))
    if isinstance(message, ErrorOccurred):
        return _encode(_ErrorOccurred(message.exchange, _fields(message.error)))
    return _encode(message)


def decode(data: bytes) -> Event | ConnectorError:
    """What `encode` was given.

    Raises:
        ProtocolError: The bytes are no event and no error.
    """
    try:
        return _decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        reason = str(error)[:_EXCERPT]
    raise ProtocolError(reason, repr(data[:_EXCERPT]))


def _decode(data: bytes) -> Event | ConnectorError:
    kind = _decode_tag(data).type
    if kind in ERRORS:
        return _error(_decode_error(data))
    if kind == ErrorOccurred.__name__:
        told = _decode_error_event(data)
        return ErrorOccurred(told.exchange, _error(told.error))
    event: Event = _decode_event(data)
    if isinstance(event, OrderBook | OrderBookUpdate):
        return msgspec.structs.replace(event, bids=tuple(event.bids), asks=tuple(event.asks))
    if isinstance(event, Order | Fill):
        return _with_members(event)
    return event


def _with_members(event: Order | Fill) -> Event:
    """Its texts that name members of an enumeration as these members."""
    members = {
        name: known(kind, getattr(event, name))
        for name, kind in _MEMBERS.items()
        if hasattr(event, name)
    }
    return msgspec.structs.replace(event, **members)


def _error(fields: dict[str, Any]) -> ConnectorError:
    kind = ERRORS.get(fields.pop("type", ""))
    if kind is None:
        raise ValueError("an error of no known type")
    return msgspec.convert(fields, kind)


def _fields(error: ConnectorError) -> dict[str, Any]:
    values = {name: _portable(value) for name, value in error.values().items()}
    if isinstance(error, ConfigurationError):
        values["errors"] = [_fields(each) for each in error.errors]
    return {"type": type(error).__name__, **values}


def _portable(value: Any) -> Any:
    if isinstance(value, str) and any("\ud800" <= each <= "\udfff" for each in value):
        return msgspec.msgpack.Ext(_ODD_TEXT, value.encode("utf-8", "surrogatepass"))
    return value
