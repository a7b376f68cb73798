"""What the key and the account may do, and what a refusal of the key means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import KeyPermissions
from exchange_connector.cli.check.finding import Finding, Verdict
from exchange_connector.cli.check.rights import judge_key
from exchange_connector.simulator import SimulatedExchange

Run = Callable[..., Any]
RESTRICTIONS = "/sapi/v1/account/apiRestrictions"


@pytest.fixture
def with_key(exchange: SimulatedExchange, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a key into the environment: the account's, save what is given."""

    def put(key: str = exchange.api_key, secret: str = exchange.api_secret) -> None:
        monkeypatch.setenv("EXCHANGE_CONNECTOR_API_KEY", key)
        monkeypatch.setenv("EXCHANGE_CONNECTOR_API_SECRET", secret)

    put()
    return put


def test_no_key(check_exchange: Run) -> None:
    """Market data needs none."""
    told = check_exchange()
    assert (told.code, told.verdict("key")) == (0, "skipped")
    assert told.advice("key").startswith("No key is set")


@pytest.mark.parametrize(
    ("changed", "code", "advice"),
    [
        ({"key": "x" * 64}, -2015, "The key was deleted or has expired"),
        ({"key": "no-key"}, -2014, "That is no key of this exchange"),
        ({"secret": "another"}, -1022, "The secret does not belong to the key"),
    ],
)
def test_a_key_that_is_refused(
    changed: dict[str, str], code: int, advice: str, with_key: Run, check_exchange: Run
) -> None:
    """The exchange's code in plain words; neither key nor secret shows."""
    with_key(**changed)
    told = check_exchange()
    assert (told.code, told.verdict("key")) == (1, "wrong")
    assert f"(code {code}," in told.figure("key")
    assert told.advice("key").startswith(advice)
    assert not any(secret in told.text for secret in changed.values())


def test_a_timestamp_that_is_refused(
    exchange: SimulatedExchange, with_key: Run, check_exchange: Run
) -> None:
    """Also after the clock was measured anew."""
    refusal = {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
    exchange.answer("/api/v3/account", 400, refusal, count=None)
    told = check_exchange()
    assert told.advice("key").startswith("The timestamp was out of bounds")


def restrictions(**changed: bool) -> dict[str, bool]:
    """A key that may trade from listed addresses, save what is changed."""
    return {
        "ipRestrict": True,
        "enableReading": True,
        "enableSpotAndMarginTrading": True,
        "enableWithdrawals": False,
    } | changed


@pytest.mark.parametrize(
    ("changed", "verdict", "advice"),
    [
        ({}, "ok", ""),
        ({"enableWithdrawals": True}, "warning", "A bot needs no withdrawals"),
        ({"enableSpotAndMarginTrading": False}, "warning", "Orders will be refused: if the bot"),
        ({"ipRestrict": False}, "warning", "Who steals this key can trade from anywhere"),
    ],
)
def test_what_the_key_may_do(
    changed: dict[str, bool],
    verdict: str,
    advice: str,
    exchange: SimulatedExchange,
    with_key: Run,
    check_exchange: Run,
) -> None:
    """Where the exchange tells of the key itself, that counts."""
    exchange.answer(RESTRICTIONS, body=restrictions(**changed))
    told = check_exchange()
    assert (told.code, told.verdict("key")) == (0, verdict)
    assert told.advice("key").startswith(advice)
    assert "the key's own rights are not told" not in told.figure("key")


def test_what_the_account_may_do(with_key: Run, check_exchange: Run) -> None:
    """Else the account's flags are told, as the account's."""
    told = check_exchange()
    assert told.figure("key") == (
        "accepted; the account may trade and may not withdraw "
        "(the key's own rights are not told here)"
    )


def account(*, trade: bool = True, withdraw: bool = True, is_testnet: bool = False) -> Finding:
    """The finding for an account."""
    flags = KeyPermissions("binance", trade, withdraw, True, ("SPOT",))
    return judge_key(flags, None, "binance", is_testnet=is_testnet)


def test_an_account_that_may_withdraw() -> None:
    """The key may be allowed it; on a test network there is nothing to withdraw."""
    finding = account()
    assert finding.verdict is Verdict.WARNING
    assert finding.advice.startswith("See in the exchange's API management")
    assert account(is_testnet=True).verdict is Verdict.OK


def test_an_account_that_may_not_trade() -> None:
    """It was locked."""
    assert account(trade=False).advice.startswith("Orders will be refused: the account itself")


def test_the_test_network_is_not_asked_for_rights_it_does_not_tell(
    exchange: SimulatedExchange, with_key: Run, check_exchange: Run
) -> None:
    """No request of it leaves."""
    check_exchange("--testnet")
    paths = {each.path for each in exchange.requests}
    assert "/api/v3/account" in paths
    assert RESTRICTIONS not in paths
