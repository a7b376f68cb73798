"""What the account and the key may do, asked of a running exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import (
    ExchangeError,
    GetKeyPermissions,
    GetKeyRestrictions,
    KeyPermissions,
    KeyRestrictions,
    ValidationError,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

RESTRICTIONS = "/sapi/v1/account/apiRestrictions"


def test_the_accounts_flags(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """The same by proxy and by message; the request is signed."""
    ref = start(exchange)
    expected = KeyPermissions("binance", True, False, False, ("SPOT",))
    assert ref.proxy().key_permissions().get(timeout=5) == expected
    assert ask(ref, GetKeyPermissions(), timeout=5) == expected
    (*_, sent) = (each for each in exchange.requests if each.path == "/api/v3/account")
    assert "signature" in sent.query


def test_the_keys_own_rights(exchange: SimulatedExchange, start: Callable[..., Any]) -> None:
    """As the exchange's wallet tells them."""
    body = {
        "ipRestrict": True,
        "enableReading": True,
        "enableSpotAndMarginTrading": True,
        "enableWithdrawals": False,
    }
    exchange.answer(RESTRICTIONS, body=body, count=2)
    ref = start(exchange)
    expected = KeyRestrictions("binance", True, True, True, False)
    assert ref.proxy().key_restrictions().get(timeout=5) == expected
    assert ask(ref, GetKeyRestrictions(), timeout=5) == expected


def test_an_exchange_that_does_not_tell(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """It is an error with the HTTP status."""
    with pytest.raises(ExchangeError) as raised:
        ask(start(exchange), GetKeyRestrictions(), timeout=5)
    assert raised.value.http_status == 404


def test_without_a_key_nothing_is_asked(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """The field that is missing is named."""
    ref = start(exchange, key=False)
    for future in (ref.proxy().key_permissions(), ref.proxy().key_restrictions()):
        with pytest.raises(ValidationError) as raised:
            future.get(timeout=5)
        assert raised.value.field == "exchange.api_key"
