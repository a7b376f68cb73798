"""Events and errors survive MessagePack and pickling."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.account import Order
from exchange_connector.messages.codec import decode, encode
from exchange_connector.messages.enums import HealthState, OrderType, Side, TimeInForce
from exchange_connector.messages.errors import (
    ERRORS,
    ConfigurationError,
    ConnectorError,
    ProtocolError,
    RateLimitError,
    ValidationError,
)
from exchange_connector.messages.events import Event
from exchange_connector.messages.levels import PriceLevel
from exchange_connector.messages.lifecycle import ErrorOccurred, Ready
from exchange_connector.messages.market import Trade

EVENTS: tuple[Any, ...] = get_args(Event)

decimals = st.from_regex(
    r"-?[0-9]{1,30}(\.[0-9]{1,30})?", fullmatch=True, alphabet="-.0123456789"
).map(Decimal)
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False)
texts = st.text(max_size=20)
any_text = st.text(st.characters(categories=None), max_size=20)  # lone surrogates too
plain = st.none() | st.booleans() | integers | floats | any_text | st.integers() | st.just(object())

st.register_type_strategy(Decimal, decimals)
st.register_type_strategy(int, integers)
st.register_type_strategy(float, floats)
st.register_type_strategy(str, texts)
levels = st.builds(PriceLevel, decimals, decimals)
st.register_type_strategy(Sequence, lambda _: st.lists(levels, max_size=3).map(tuple))


def error_of(kind: type[ConnectorError]) -> st.SearchStrategy[Any]:
    """Any error of a kind."""
    fields: dict[str, st.SearchStrategy[Any]] = {"exchange": any_text}
    if kind is ValidationError:
        fields |= {"field": any_text, "value": plain, "reason": any_text}
    elif kind is ConfigurationError:
        fields["errors"] = st.lists(error_of(ValidationError), max_size=3).map(tuple)
    else:
        names = kind.__dataclass_fields__.keys() - {"exchange"}
        fields |= {name: VALUES[name] for name in names}
    return st.builds(kind, **fields)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("message", "component", "reason", "state", "client_order_id"), any_text),
    **dict.fromkeys(("excerpt", "subscription_id"), any_text),
    **dict.fromkeys(("http_status", "code"), integers),
    **dict.fromkeys(("retry_after", "max_offset"), floats),
    **dict.fromkeys(("offset", "uncertainty"), floats | st.none()),
    **dict.fromkeys(("symbol", "order_id"), any_text),
    **dict.fromkeys(("executed_quantity", "missing_quantity"), st.decimals(allow_nan=False)),
    "retryable": st.booleans(),
}
errors = st.sampled_from(list(ERRORS.values())).flatmap(error_of)
st.register_type_strategy(ConnectorError, errors)
events = st.sampled_from(EVENTS).flatmap(st.from_type)


def digits_of(message: Any) -> str:
    """Everything in an event, with the digits of its numbers."""
    return repr(msgspec.structs.astuple(message))


@given(events)
def test_every_event_survives(event: Any) -> None:
    """Equal, of the same type, and with the same digits."""
    for copy in (decode(encode(event)), pickle.loads(pickle.dumps(event))):
        assert type(copy) is type(event)
        assert copy == event
        if not isinstance(event, ErrorOccurred):
            assert digits_of(copy) == digits_of(event)


@given(errors)
def test_every_error_survives(error: ConnectorError) -> None:
    """Equal by value, also one that holds others; as an event too."""
    for copy in (decode(encode(error)), pickle.loads(pickle.dumps(error))):
        assert type(copy) is type(error)
        assert copy == error
        assert str(copy) == str(error)
    event = ErrorOccurred("an-exchange", error)
    assert decode(encode(event)) == event == pickle.loads(pickle.dumps(event))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_is_frozen_and_tagged(kind: type[Any]) -> None:
    """Its `type` is its name."""
    assert kind.__struct_config__.frozen
    assert kind.__struct_config__.tag == kind.__name__
    assert kind.__struct_config__.tag_field == "type"


def test_the_form_is_plain_messagepack() -> None:
    """For readers in other languages."""
    trade = Trade("x", "AB", 1, 2, "7", Decimal("1.50"), Decimal("0.00"), Side.BUY, 3)
    assert msgspec.msgpack.decode(encode(trade)) == {
        "type": "Trade",
        "exchange": "x",
        "symbol": "AB",
        "event_time": 1,
        "received_time": 2,
        "trade_id": "7",
        "price": "1.50",
        "quantity": "0.00",
        "taker_side": "BUY",
        "trade_time": 3,
        "recovered": False,
    }
    error = ErrorOccurred("x", RateLimitError(1.5, -1003, exchange="x"))
    assert msgspec.msgpack.decode(encode(error)) == {
        "type": "ErrorOccurred",
        "exchange": "x",
        "error": {"type": "RateLimitError", "exchange": "x", "retry_after": 1.5, "code": -1003},
    }


def test_what_is_shown_of_a_wrong_value_can_travel() -> None:
    """Objects, huge integers and odd subclasses are shown, not carried along."""

    class Odd(str):
        __slots__ = ()

    for value in (object(), 10**5000, Odd("x"), True, HealthState.LIVE, 1.5, float("inf"), [1]):
        error = ValidationError("field", value, "reason")
        assert str(error)
        assert decode(encode(error)) == error == pickle.loads(pickle.dumps(error))


def test_text_that_is_no_unicode_can_travel() -> None:
    """An error may quote a file's name, or what a bot has raised."""
    error = ValidationError("field", "\udcff", "\ud800", exchange="é")
    assert decode(encode(error)) == error


def test_an_integer_becomes_the_float_that_is_wanted() -> None:
    """As it was meant."""
    assert decode(encode(RateLimitError(5))) == RateLimitError(5.0)


NO_MESSAGES: list[Any] = [
    *({}, [], None, 1, "Trade", {"type": 1}, {"type": "Nothing"}, {"type": "Trade"}),
    *({"type": "object"}, {"type": "Subscribe"}, {"type": "ErrorOccurred"}),
    {"type": "ErrorOccurred", "exchange": "x", "error": {}},
    {"type": "ErrorOccurred", "exchange": "x", "error": {"type": "Trade"}},
    {"type": "ErrorOccurred", "exchange": "x", "error": {"type": ["x"]}},
    {"type": "RateLimitError"},
    {"type": "RateLimitError", "retry_after": "x"},
    {"type": "ConfigurationError", "errors": [1]},
    {"type": "ConfigurationError", "errors": [{"field": "x"}]},
    {"type": "Ready", "exchange": 1},
    {"type": "ConnectorError", "exchange": msgspec.msgpack.Ext(9, b"x")},
    {"type": "ConnectorError", "exchange": msgspec.msgpack.Ext(1, b"\xff")},
]


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\x80", b"\x00", b"\xc1", b"\xff", b"Trade", b"\xc0", b"\x81"),
        *map(msgspec.msgpack.encode, NO_MESSAGES),
        encode(Ready("x"))[:-1],
        encode(Ready("x")) + b"x",
        b"\x91" * 100_000,
        b"\x82\xa4type\xa5Ready\xa8exchange" + b"\x91" * 100_000,
    ],
    ids=lambda data: ascii(data[:24]),
)
def test_anything_else_is_refused(data: bytes) -> None:
    """With a `ProtocolError` that shows its beginning."""
    with pytest.raises(ProtocolError) as raised:
        decode(data)
    assert len(str(raised.value)) < 800
    assert raised.value.__context__ is None
    assert "".join(traceback.format_exception(raised.value))


@given(st.binary(max_size=80) | events.map(lambda event: encode(event)[:-1]))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    """Never another error."""
    try:
        message = decode(data)
    except ProtocolError:
        return
    assert isinstance(message, (*EVENTS, ConnectorError))


def test_texts_of_an_order_are_members_again_where_they_are_known() -> None:
    """A new one stays a text; in MessagePack the order's type is not in the event's place."""
    amount = Decimal(1)
    order = Order(
        *("an-exchange", "BTCUSDT", 1, 2, "3", "mine", "BUY", "LIMIT", "A_NEW_STATUS"),
        *(amount, amount, amount, amount),
        *(None, "GTC", 4),
    )
    found = decode(encode(order))
    assert found == order
    assert isinstance(found, Order)
    kinds = (type(each) for each in (found.side, found.type, found.status, found.time_in_force))
    assert tuple(kinds) == (Side, OrderType, str, TimeInForce)
    plain = msgspec.msgpack.decode(encode(order))
    assert (plain["type"], plain["order_type"]) == ("Order", "LIMIT")
