"""Keys of every kind, and what they may do (rest-api.md "Request Security")."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

pytest.importorskip("cryptography")


def refusal(answer: Any) -> tuple[int, int]:
    """Status and code, by REST or the websocket API."""
    if isinstance(answer, dict):
        return answer["status"], answer["error"]["code"]
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("kind", ["HMAC", "ED25519", "RSA"])
def test_each_kind_signs(open_account: Any, kind: str) -> None:
    """REST and the websocket API take it, over texts that have to be percent-encoded too."""
    client = open_account(kind, balances={"USDT": "1000"})
    account = client.rest("GET", "account").json()
    assert account["balances"] == [
        {"asset": "USDT", "free": "1000.00000000", "locked": "0.00000000"}
    ]
    assert client.call("account.status")["result"]["uid"] == account["uid"]
    # the refusal is of the symbol, so the signature over it was right
    symbol = "\uff11\uff12\uff13"
    answer = client.rest("GET", "myTrades", symbol=symbol)
    assert refusal(answer) == (400, -1121), answer.text
    assert refusal(client.call("myTrades", symbol=symbol)) == (400, -1121)
    assert client.listen() == 0


@pytest.mark.parametrize("kind", ["HMAC", "ED25519", "RSA"])
def test_a_wrong_signature_is_refused(open_account: Any, kind: str) -> None:
    """One of another text, and one that is none; only HMAC's may be of either case."""
    client = open_account(kind)
    right = client.sign
    client.sign = lambda text: right(text + " ")
    assert refusal(client.rest("GET", "account")) == (400, -1022)
    assert refusal(client.call("account.status")) == (400, -1022)
    client.sign = lambda text: "no signature"
    assert refusal(client.rest("GET", "account")) == (400, -1022)
    client.sign = lambda text: right(text).swapcase()
    status = 200 if kind == "HMAC" else 400
    assert client.rest("GET", "account").status_code == status


def test_a_public_key_of_the_client(exchange: SimulatedExchange) -> None:
    """Whoever has a private key already brings the public one; another kind's is refused."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    public = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    key = exchange.add_account("ED25519", public_key=pem)
    assert (len(key.api_key), key.private_key, key.api_secret) == (64, "", "")
    with pytest.raises(ValueError, match="no RSA key"):
        exchange.add_account("RSA", public_key=pem)


def test_a_key_that_may_not_trade(client: Any, open_account: Any) -> None:
    """It reads and listens; orders are refused, as if it were unknown."""
    reader = open_account(can_trade=False, api_key_of=client.api_key)
    assert refusal(reader.order(type="MARKET", quantity="0.001")) == (401, -2015)
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    assert refusal(reader.call("order.place", **terms)) == (401, -2015)
    assert refusal(reader.rest("DELETE", "openOrders", symbol="BTCUSDT")) == (401, -2015)
    client.order(type="MARKET", quantity="0.001")
    assert len(reader.rest("GET", "allOrders", symbol="BTCUSDT").json()) == 1
    assert reader.listen() == 0


def test_logging_on(client: Any, open_account: Any) -> None:
    """An Ed25519 key makes key and signature needless; a timestamp is needed still."""
    ours = open_account("ED25519")
    answer = ours.call("session.logon")["result"]
    assert answer["apiKey"] == ours.api_key
    assert answer["authorizedSince"] >= answer["connectedSince"]
    terms = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
    assert refusal(ours.tell("order.place", terms)) == (400, -1102)
    placed = ours.tell("order.place", terms | {"timestamp": ours.now()})
    assert placed["result"]["status"] == "FILLED"
    old = ours.tell("account.status", {"timestamp": ours.now() - 6_000})
    assert refusal(old) == (400, -1021)
    # another key, given explicitly, goes before the session's
    client._socket = ours.socket
    assert client.call("allOrders", symbol="BTCUSDT")["result"] == []


def test_subscribing_by_the_session(open_account: Any) -> None:
    """One subscription for each account; logging out ends that of the session only."""
    ours, other = open_account("ED25519"), open_account()
    assert refusal(ours.tell("userDataStream.subscribe", {})) == (401, -1002)
    ours.call("session.logon")
    assert ours.tell("userDataStream.subscribe", {})["result"] == {"subscriptionId": 0}
    again = ours.call("userDataStream.subscribe.signature")
    assert refusal(again) == (400, -2035)
    other._socket = ours.socket
    assert other.listen() == 1
    assert ours.tell("session.logout", {})["result"]["userDataStream"] is True
    (end,) = ours.heard(lambda seen: bool(seen))
    assert end["e"] == "eventStreamTerminated"
    assert ours.tell("session.subscriptions", {})["result"] == [{"subscriptionId": 1}]
    assert ours.tell("session.status", {})["result"]["apiKey"] is None


def test_only_ed25519_logs_on(client: Any, open_account: Any) -> None:
    """web-socket-api.md "Session Authentication"; the code is one that clients have seen."""
    assert refusal(client.call("session.logon")) == (400, -4056)
    assert refusal(open_account("RSA").call("session.logon")) == (400, -4056)


def test_accounts_follow_from_the_seed() -> None:
    """The same seed, the same HMAC keys; a secret shows in no representation."""
    keys = [SimulatedExchange(seed=4).add_account() for _ in range(2)]
    assert keys[0] == keys[1]
    assert keys[0].api_secret not in repr(keys[0])
    exchange = SimulatedExchange(seed=4)
    assert len({exchange.add_account().api_key for _ in range(3)} | {exchange.api_key}) == 4
    with pytest.raises(LookupError):
        exchange.add_account(api_key_of="nobody")
    with pytest.raises(ValueError, match="below 0"):
        exchange.add_account(balances={"BTC": "-1"})
