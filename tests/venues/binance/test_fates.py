"""What an error says of an order: certainly not done, or to be found out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.enums import OrderStatus
from exchange_connector.messages.errors import (
    ERRORS,
    AuthenticationError,
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    NotRunningError,
    ProtocolError,
    RateLimitError,
    UnknownExecutionError,
    ValidationError,
)
from exchange_connector.messages.orders import PlaceOrder, ReplaceOrder
from exchange_connector.venues.account import Fate, LimitCount
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.account import ACCOUNT
from exchange_connector.venues.questions import GetReferencePrice

PLACE = PlaceOrder(symbol="BTCUSDT", side="BUY", type="MARKET", client_order_id="a")
REPLACE = ReplaceOrder(symbol="BTCUSDT", side="BUY", type="MARKET", cancel_client_order_id="a")


def fate_of(status: int, body: object) -> Fate:
    """Of a refusal by REST; the same by websocket."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    refusal = DRIVER.refusal(status, {}, text, 0.0)
    assert refusal is not None
    return ACCOUNT.fate(refusal.error, PLACE)


def said(code: int, message: str = "Something.") -> dict[str, Any]:
    """The body of an error."""
    return {"code": code, "msg": message}


def replacement(code: int, old: str, new: str, **responses: Any) -> dict[str, Any]:
    """The body of a failed replacement."""
    data = {"cancelResult": old, "newOrderResult": new, **responses}
    return {"code": code, "msg": "Order cancel-replace failed.", "data": data}


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [
        (400, -2043, Fate.MISSING),
        (404, -1000, Fate.MISSING),
        (404, 0, Fate.MISSING),
        (400, -1121, Fate.REFUSED),
        (500, -1000, Fate.UNKNOWN),
        (503, 0, Fate.UNKNOWN),
    ],
)
def test_a_symbol_without_a_reference_price(status: int, code: int, fate: Fate) -> None:
    """It never had one, or the exchange knows of none; of an order these say no such thing."""
    error = ExchangeError(code, "Something.", status)
    assert ACCOUNT.fate(error, GetReferencePrice("BTCUSDT")) is fate
    assert ACCOUNT.fate(error, PLACE) is not Fate.MISSING


@pytest.mark.parametrize(
    ("status", "body", "fate"),
    [
        (400, said(-1013, "Filter failure: LOT_SIZE"), Fate.REFUSED),
        (400, said(-1102), Fate.REFUSED),
        (400, said(-1121), Fate.REFUSED),
        (400, said(-2010, "Account has insufficient balance for requested action."), Fate.REFUSED),
        (400, said(-2010, "Duplicate order sent."), Fate.DUPLICATE),
        (400, said(-2011, "Unknown order sent."), Fate.MISSING),
        (400, said(-2011, "Order was not canceled due to cancel restrictions."), Fate.REFUSED),
        (400, said(-1010, "Unknown order sent."), Fate.MISSING),
        (400, said(-2013, "Order does not exist."), Fate.MISSING),
        (400, said(-1102, "Unknown order sent."), Fate.REFUSED),
        (400, said(-2026), Fate.REFUSED),
        (400, said(-2039), Fate.REFUSED),
        (401, said(-2015), Fate.REFUSED),
        (400, said(-1022), Fate.REFUSED),
        (400, said(-1021, "Timestamp for this request is outside of the recvWindow."), Fate.CLOCK),
        (429, said(-1015, "Too many new orders."), Fate.TOO_MANY),
        (400, said(-1015, "Too many new orders."), Fate.TOO_MANY),
        (429, said(-1003), Fate.THROTTLED),
        (418, said(-1003), Fate.THROTTLED),
        (429, b"", Fate.THROTTLED),
        (403, b"<html>blocked</html>", Fate.REFUSED),
        (302, b"", Fate.REFUSED),
        (408, b"", Fate.UNKNOWN),
        (500, said(-1000), Fate.UNKNOWN),
        (503, b"<html></html>", Fate.UNKNOWN),
        (504, b"", Fate.UNKNOWN),
        (503, said(-1008), Fate.UNKNOWN),
        (500, said(-2013), Fate.UNKNOWN),
        (500, said(-2010, "Duplicate order sent."), Fate.UNKNOWN),
        *((400, said(code), Fate.UNKNOWN) for code in (-1000, -1001, -1006, -1007, -1008)),
        (
            *(400, replacement(-2022, "FAILURE", "NOT_ATTEMPTED", cancelResponse=said(-2011))),
            Fate.REFUSED,
        ),
        (
            400,
            replacement(
                *(-2022, "FAILURE", "NOT_ATTEMPTED"),
                cancelResponse=said(-2011, "Unknown order sent."),
            ),
            Fate.MISSING,
        ),
        (
            *(409, replacement(-2021, "SUCCESS", "FAILURE", newOrderResponse=said(-2010))),
            Fate.REFUSED,
        ),
        (
            *(409, replacement(-2021, "SUCCESS", "FAILURE", newOrderResponse=said(-1007))),
            Fate.UNKNOWN,
        ),
        (
            *(409, replacement(-2021, "SUCCESS", "FAILURE", newOrderResponse=said(-1015))),
            Fate.TOO_MANY,
        ),
        (
            409,
            replacement(
                *(-2021, "SUCCESS", "FAILURE"),
                newOrderResponse=said(-2010, "Duplicate order sent."),
            ),
            Fate.DUPLICATE,
        ),
        (
            *(400, replacement(-2022, "FAILURE", "NOT_ATTEMPTED", cancelResponse=said(-1006))),
            Fate.UNKNOWN,
        ),
        (409, replacement(-2021, "FAILURE", "SUCCESS", cancelResponse=said(-2011)), Fate.UNKNOWN),
        (409, said(-2021), Fate.UNKNOWN),
        (409, {**said(-2021), "data": [1]}, Fate.UNKNOWN),
    ],
)
def test_a_refusal_says_whether_it_was_done(status: int, body: object, fate: Fate) -> None:
    """Only what is certain is taken for certain."""
    assert fate_of(status, body) is fate


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (ValidationError("price", 1, "is wrong"), Fate.REFUSED),
        (CircuitBreakerError("open", 1.0), Fate.REFUSED),
        (ClockSyncError(None, None, 0.5), Fate.REFUSED),
        (RateLimitError(1.0), Fate.REFUSED),
        (RateLimitError(1.0, -1015), Fate.TOO_MANY),
        (RateLimitError(1.0, 0), Fate.THROTTLED),
        (ExchangeConnectionError("rest", "timeout"), Fate.UNKNOWN),
        (ExchangeConnectionError("rest", "refused", retryable=False), Fate.UNKNOWN),
        (ProtocolError("no JSON", "x"), Fate.UNKNOWN),
        (NotRunningError(), Fate.UNKNOWN),
        (UnknownExecutionError("a"), Fate.UNKNOWN),
        (ExchangeError(0, "an answer with no code", 0), Fate.UNKNOWN),
        (ExchangeError(0, "an answer with no code", 200), Fate.UNKNOWN),
        (ExchangeError(-2010, "Something.", 0), Fate.REFUSED),
        (AuthenticationError(-2015, "no", 401), Fate.REFUSED),
        (ConnectorError(), Fate.UNKNOWN),
    ],
)
def test_an_error_of_our_own_says_so_too(error: ConnectorError, fate: Fate) -> None:
    """What never left was not done; what was lost may have been."""
    assert ACCOUNT.fate(error, PLACE) is fate
    assert ACCOUNT.fate(error, REPLACE) is fate


def test_the_words_of_half_a_replacement_say_that_the_old_order_is_gone() -> None:
    """And the HTTP status does."""
    body = replacement(
        *(-2021, "SUCCESS", "FAILURE"),
        newOrderResponse=said(-2010, "Order would immediately match and take."),
    )
    refusal = DRIVER.refusal(409, {}, json.dumps(body).encode(), 0.0)
    assert refusal is not None
    assert refusal.error == ExchangeError(
        -2010,
        "cancelled, but not replaced: Order would immediately match and take.",
        409,
        exchange="binance",
    )


@given(st.sampled_from(sorted(ERRORS)), st.integers(-3000, 10), st.integers(0, 599), st.text())
def test_every_error_has_a_fate(kind: str, code: int, status: int, message: str) -> None:
    """Nothing is ever raised, and no 5xx is certain."""
    errors: dict[str, ConnectorError] = {
        "ExchangeError": ExchangeError(code, message, status),
        "RateLimitError": RateLimitError(1.0, code),
    }
    fate = ACCOUNT.fate(errors.get(kind, ConnectorError()), PLACE)
    if kind == "ExchangeError" and status >= 500:
        assert fate is Fate.UNKNOWN


def test_which_statuses_are_final() -> None:
    """A new one is not."""
    final = {status for status in OrderStatus if ACCOUNT.is_final(status)}
    assert final == {"FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"}
    assert ACCOUNT.is_final("FILLED")
    assert not ACCOUNT.is_final("A_NEW_STATUS")
    assert not ACCOUNT.is_final("")


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        ({}, ()),
        (
            {"x-mbx-order-count-10s": "3", "x-mbx-order-count-1d": "4043", "x-mbx-uuid": "1"},
            (LimitCount(10.0, 3), LimitCount(86_400.0, 4043)),
        ),
        ({"x-mbx-order-count-1m": "0"}, (LimitCount(60.0, 0),)),
        ({"x-mbx-order-count-2h": "1"}, (LimitCount(7200.0, 1),)),
        ({"x-mbx-order-count-10s": "-3"}, ()),
        ({"x-mbx-order-count-10s": ""}, ()),
        ({"x-mbx-order-count-0s": "3"}, ()),
        ({"x-mbx-order-count-10w": "3"}, ()),
        ({"x-mbx-used-weight-1m": "3"}, ()),
    ],
)
def test_order_counts_are_read_from_headers(
    headers: dict[str, str], counts: tuple[LimitCount, ...]
) -> None:
    """Of whichever period."""
    assert ACCOUNT.limits(headers) == counts
