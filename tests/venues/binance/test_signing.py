"""Signatures, against those that Binance publishes; the key shows nowhere."""

from __future__ import annotations

import base64
import sys
import traceback
from typing import Any
from urllib.parse import quote

import pytest

from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.errors import ConfigurationError
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.binance.signing import BinanceSigner, private_key_signer
from exchange_connector.venues.keys import hmac_signer

KEY, SECRET = "an-api-key", "a-very-secret-secret"
Vectors = list[dict[str, Any]]


def pem(body: str) -> str:
    """The private key in PEM around a base64 body."""
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"


def test_published_hmac_signatures(vectors: Vectors) -> None:
    """Every one of the REST API that can be verified."""
    checked = 0
    for vector in vectors:
        kind = (vector["venue"], vector.get("api"), vector["scheme"], vector.get("verified"))
        if kind == ("binance-spot", "rest", "HMAC-SHA256", True):
            sign = hmac_signer(vector["secret"])
            assert sign(vector["payload"].encode()) == vector["expected_signature"], vector["id"]
            checked += 1
    assert checked >= 3


def test_a_signed_query_is_the_published_one(vectors: Vectors) -> None:
    """The timestamp and the signature come last, and the key goes along in its header."""
    for name in ("binance-rest-hmac-ascii", "binance-rest-hmac-nonascii"):
        (vector,) = (each for each in vectors if each["id"] == name)
        query, _, timestamp = vector["payload"].partition("&timestamp=")
        config = ExchangeConfig("binance", vector["api_key"], vector["secret"])
        signer = DRIVER.signer(config)
        assert signer is not None
        signed, headers = signer.sign(query, int(timestamp) * 1_000_000 + 999_999)
        assert signed == f"{vector['payload']}&signature={vector['expected_signature']}"
        assert headers == {"X-MBX-APIKEY": vector["api_key"]}


def test_published_ed25519_signatures(vectors: Vectors) -> None:
    """In base64 whose marks are percent-encoded."""
    checked = 0
    for vector in vectors:
        if "private_key_pkcs8_base64" in vector and vector.get("verified", True):
            sign = private_key_signer(pem(vector["private_key_pkcs8_base64"]))
            signature = vector.get("expected_signature") or vector["signature"]
            assert sign(vector["payload"].encode()) == quote(signature, safe=""), vector["id"]
            checked += 1
    assert checked >= 3


def test_a_query_may_be_empty_and_have_a_window() -> None:
    """Nothing precedes the timestamp then."""
    signer = BinanceSigner(KEY, lambda payload: f"<{payload.decode()}>")
    assert signer.sign("", 1_999_999)[0] == "timestamp=1&signature=<timestamp=1>"
    windowed = BinanceSigner(KEY, lambda payload: "S", recv_window=3000)
    assert windowed.sign("a=1", 2_000_000)[0] == "a=1&recvWindow=3000&timestamp=2&signature=S"
    assert windowed.sign("", 2_000_000)[0] == "recvWindow=3000&timestamp=2&signature=S"


def test_without_a_key_nothing_signs() -> None:
    """Public data needs none."""
    assert DRIVER.signer(ExchangeConfig("binance")) is None


def test_the_key_does_not_show() -> None:
    """In the signer's `repr`, or in its attributes' names."""
    signer = DRIVER.signer(ExchangeConfig("binance", KEY, SECRET))
    for shown in (repr(signer), str(signer), f"{signer}", format(signer)):
        assert KEY not in shown
        assert SECRET not in shown


@pytest.mark.parametrize("text", ["", "x", SECRET, pem("!!!!"), pem("AAAA"), pem(SECRET)])
def test_a_private_key_that_is_none_is_told_blindly(text: str) -> None:
    """The error, its causes and its traceback hold nothing of it."""
    with pytest.raises(ConfigurationError) as raised:
        private_key_signer(text)
    error = raised.value
    assert error.errors[0].field == "exchange.private_key"
    assert error.__context__ is None
    assert error.__cause__ is None
    assert SECRET not in "".join(traceback.format_exception(error))


def test_a_key_of_another_kind_is_refused() -> None:
    """Binance takes RSA and Ed25519."""
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = ec.generate_private_key(ec.SECP256R1())
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(ConfigurationError, match="RSA or Ed25519"):
        private_key_signer(text.decode())


def test_an_rsa_key_signs() -> None:
    """So that its public key verifies: PKCS1-v1_5 with SHA-256."""
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    padding = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.padding")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = rsa.generate_private_key(65537, 2048)
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signer = DRIVER.signer(ExchangeConfig("binance", KEY, private_key=text.decode()))
    assert signer is not None
    signed = signer.sign("a=1", 5_000_000)[0]
    payload, _, signature = signed.partition("&signature=")
    raw = base64.b64decode(signature.replace("%2B", "+").replace("%2F", "/").replace("%3D", "="))
    key.public_key().verify(raw, payload.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    name = "cryptography.hazmat.primitives.serialization"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"exchange-connector\[keys\]"):
        private_key_signer(SECRET)
