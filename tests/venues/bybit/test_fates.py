"""What an error says of an order at Bybit: certainly not done, or to be found out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from exchange_connector.actors.trading.orders import HORIZON
from exchange_connector.messages.errors import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    NotRunningError,
    ProtocolError,
    RateLimitError,
    ValidationError,
)
from exchange_connector.messages.orders import CancelOrder, GetOrder, PlaceOrder
from exchange_connector.venues.account import Fate
from exchange_connector.venues.bybit import SPOT
from exchange_connector.venues.bybit.account import ACCOUNT
from exchange_connector.venues.bybit.signing import RECV_WINDOW

PLACE = PlaceOrder(symbol="BTCUSDT", side="BUY", type="MARKET", client_order_id="a")
CANCEL, ASK = CancelOrder("BTCUSDT", "a"), GetOrder("BTCUSDT", "a")


def fate_of(status: int, body: object, request: Any = PLACE) -> Fate:
    """Of a refusal."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    refusal = SPOT.refusal(status, {}, text, 0.0)
    assert refusal is not None
    return ACCOUNT.fate(refusal.error, request)


def said(code: int, message: str = "Something.") -> dict[str, Any]:
    """The body of an error."""
    return {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": 1}


FATES: dict[Fate, tuple[int, ...]] = {
    Fate.UNKNOWN: (
        *(429, 10000, 10014, 10016, 10019, 3400214),
        *(170001, 170007, 170032, 170035, 170146, 170147, 170149, 170150, 170212, 170234),
    ),
    Fate.REFUSED: (
        *(10001, 10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029),
        *(33004, -2015, 110003, 110007, 110012, 110094, 170031, 170033, 170115, 170116, 170117),
        *(170121, 170124, 170130, 170131, 170132, 170133, 170134, 170136, 170137, 170140),
        *(170144, 170145, 170148, 170151, 170191, 170193, 170194, 170210, 170217, 170218),
        *(170371, 170372, 170381, 170382),
    ),
    Fate.DUPLICATE: (110072, 170141),
    Fate.MISSING: (110001, 170213, 170143, 110008, 110010, 170139, 170142, 170190),
    Fate.TOO_MANY: (110020, 170005, 170222, 170810),
    Fate.THROTTLED: (10006,),
    Fate.CLOCK: (10002, -1),
}


@pytest.mark.parametrize(
    ("code", "fate"), [(code, fate) for fate, codes in FATES.items() for code in codes]
)
def test_each_code(code: int, fate: Fate) -> None:
    """They come with HTTP status 200."""
    assert fate_of(200, said(code)) is fate


@pytest.mark.parametrize(
    ("status", "body", "fate"),
    [
        (500, b"", Fate.UNKNOWN),
        (502, b"<html>", Fate.UNKNOWN),
        (503, said(10001), Fate.UNKNOWN),
        (408, b"", Fate.UNKNOWN),
        (429, b"", Fate.UNKNOWN),
        (400, b"", Fate.REFUSED),
        (401, b"", Fate.REFUSED),
        (403, b"", Fate.REFUSED),
        (403, b"access too frequent", Fate.THROTTLED),
        (404, b"", Fate.REFUSED),
        (302, b"", Fate.REFUSED),
    ],
)
def test_each_status(status: int, body: object, fate: Fate) -> None:
    """What the exchange does not say is unknown."""
    assert fate_of(status, body) is fate


def test_only_placing_can_be_a_duplicate() -> None:
    """Anything else it is no news about."""
    assert fate_of(200, said(170141), ASK) is Fate.REFUSED
    assert fate_of(200, said(170213), CANCEL) is Fate.MISSING
    assert fate_of(200, said(170147), CANCEL) is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (ValidationError("a", 1, "b"), Fate.REFUSED),
        (CircuitBreakerError("open", 1.0), Fate.REFUSED),
        (ClockSyncError(None, None, 1.0), Fate.REFUSED),
        (RateLimitError(1.0), Fate.REFUSED),
        (ExchangeError(0, "cannot be read", 200), Fate.UNKNOWN),
        (ExchangeConnectionError("rest", "no answer"), Fate.UNKNOWN),
        (ProtocolError("a", "b"), Fate.UNKNOWN),
        (NotRunningError(), Fate.UNKNOWN),
        (ConnectorError(), Fate.UNKNOWN),
    ],
)
def test_errors_of_ours(error: ConnectorError, fate: Fate) -> None:
    """What never left was not done."""
    assert ACCOUNT.fate(error, PLACE) is fate


def test_an_order_that_is_late_is_refused_before_it_is_believed_lost() -> None:
    """Its window is over by then, by more than any answer of the exchange's takes."""
    assert HORIZON > RECV_WINDOW / 1000 + 10


def test_headers_count_no_orders() -> None:
    """They are about one endpoint, and do not say which."""
    assert ACCOUNT.limits({"x-bapi-limit": "20", "x-bapi-limit-status": "19"}) == ()
    assert ACCOUNT.most_orders == ((1.0, 20),)
