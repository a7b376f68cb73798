"""Signatures of what goes over the websocket API, against those that Binance publishes."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.errors import ConfigurationError
from exchange_connector.venues.account import FrameSigner
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.account import ACCOUNT

KEY, SECRET = "an-api-key", "a-very-secret-secret"
AT = 1_649_729_878_532_999_999
Vectors = list[dict[str, Any]]


def signer_of(config: ExchangeConfig) -> FrameSigner:
    """A signer."""
    signer = ACCOUNT.signer(config)
    assert signer is not None
    return signer


def pem(body: str) -> str:
    """The private key in PEM around a base64 body."""
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


def parameters_of(payload: str) -> dict[str, str | int]:
    """What was signed, without what the signer itself puts in; nothing is percent-encoded there."""
    assert "%" not in payload
    found = dict(parse_qsl(payload, keep_blank_values=True, strict_parsing=True))
    return {name: text for name, text in found.items() if name not in ("apiKey", "timestamp")}


def test_published_hmac_signatures(vectors: Vectors) -> None:
    """Every one of the websocket API that can be verified, from its parameters in any order."""
    checked = 0
    for vector in vectors:
        if vector.get("api") != "ws-api" or not vector.get("verified"):
            continue
        signer = signer_of(ExchangeConfig("binance", vector["api_key"], vector["secret"]))
        sent = dict(parse_qsl(vector["payload"]))
        given = vector.get("params") or parameters_of(vector["payload"])
        given = {name: given[name] for name in given if name not in ("apiKey", "timestamp")}
        signed = signer.sign(given, int(sent["timestamp"]) * 1_000_000 + 999_999)
        assert signed["signature"] == vector["expected_signature"], vector["id"]
        assert {name: str(value) for name, value in signed.items()} == {
            **sent,
            "signature": vector["expected_signature"],
        }
        checked += 1
    assert checked == 18


def test_derived_ed25519_signatures(vectors: Vectors) -> None:
    """In base64 as it is; made from a published key."""
    checked = 0
    for vector in vectors:
        if not str(vector["id"]).startswith("derived-binance-wsapi-ed25519"):
            continue
        sent = dict(parse_qsl(vector["payload"]))
        key = pem(vector["private_key_pkcs8_base64"])
        signer = signer_of(ExchangeConfig("binance", sent["apiKey"], private_key=key))
        assert signer.logs_on
        signed = signer.sign(parameters_of(vector["payload"]), int(sent["timestamp"]) * 1_000_000)
        assert signed["signature"] == vector["signature"], vector["id"]
        checked += 1
    assert checked == 2


def test_an_rsa_signature_verifies() -> None:
    """With the public key, by REST and by websocket; such a key cannot log on."""
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = rsa.generate_private_key(65537, 2048)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    config = ExchangeConfig("binance", KEY, private_key=text)
    signer = signer_of(config)
    assert not signer.logs_on
    signed = signer.sign({"symbol": "币安USDT", "limit": 5}, AT)
    payload = f"apiKey={KEY}&limit=5&symbol=币安USDT&timestamp=1649729878532"
    signature = base64.b64decode(str(signed["signature"]), validate=True)
    key.public_key().verify(signature, payload.encode(), PKCS1v15(), SHA256())
    rest = DRIVER.signer(config)
    assert rest is not None
    query, _, encoded = rest.sign("a=%E5%B8%81", AT)[0].partition("&signature=")
    assert query == "a=%E5%B8%81&timestamp=1649729878532"
    decoded = base64.b64decode(unquote(encoded), validate=True)
    key.public_key().verify(decoded, query.encode(), PKCS1v15(), SHA256())


def test_a_key_that_logs_on_signs_only_the_logon(vectors: Vectors) -> None:
    """The second frame is sent when the first was answered; later ones have their time only."""
    (vector,) = (v for v in vectors if v["id"] == "derived-binance-wsapi-ed25519-session.logon")
    key = dict(parse_qsl(vector["payload"]))["apiKey"]
    private = pem(vector["private_key_pkcs8_base64"])
    signer = signer_of(ExchangeConfig("binance", key, private_key=private))
    logon, subscribe = (json.loads(frame) for frame in ACCOUNT.opening(signer, 7, AT))
    assert logon == {
        "id": 7,
        "method": "session.logon",
        "params": {
            "apiKey": key,
            "timestamp": 1649729878532,
            "signature": vector["signature"],
        },
    }
    assert subscribe == {"id": 8, "method": "userDataStream.subscribe"}


def test_any_other_key_subscribes_with_its_signature(vectors: Vectors) -> None:
    """In one frame."""
    (vector,) = (v for v in vectors if v["id"] == "binance-wsapi-hmac-session.logon-L3377")
    signer = signer_of(ExchangeConfig("binance", vector["api_key"], vector["secret"]))
    (frame,) = ACCOUNT.opening(signer, 3, AT)
    assert json.loads(frame) == {
        "id": 3,
        "method": "userDataStream.subscribe.signature",
        "params": {
            "apiKey": vector["api_key"],
            "timestamp": 1649729878532,
            "signature": vector["expected_signature"],
        },
    }


def test_without_a_key_nothing_signs() -> None:
    """And a key that cannot be used is a fault of the configuration."""
    assert ACCOUNT.signer(ExchangeConfig("binance")) is None
    with pytest.raises(ConfigurationError) as raised:
        ACCOUNT.signer(ExchangeConfig("binance", KEY, private_key="no key"))
    assert "no key" not in str(raised.value)


def test_the_key_does_not_show() -> None:
    """In the signer's `repr`."""
    signer = signer_of(ExchangeConfig("binance", KEY, SECRET))
    assert KEY not in repr(signer)
    assert SECRET not in f"{signer!r} {signer}"
