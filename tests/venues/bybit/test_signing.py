"""Signatures, by the layouts that Bybit publishes; the key shows nowhere.

Bybit's own examples come with masked keys and secrets: what they pin is what is signed, not the
signature. Those with a secret of ours pin the signature, too.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.errors import ConfigurationError
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.bybit.signing import BybitSigner
from exchange_connector.venues.keys import hmac_signer

KEY, SECRET = "an-api-key", "a-very-secret-secret"
Vectors = list[dict[str, Any]]


def parts(payload: str) -> tuple[str, str, str]:
    """Timestamp, key and what was asked, of a payload with the window 5000."""
    timestamp, rest = payload[:13], payload[13:]
    key, _, asked = rest.partition("5000")
    return timestamp, key, asked


def test_every_published_layout(vectors: Vectors) -> None:
    """What is signed is the published text, with nothing before, between or behind."""
    seen: list[str] = []
    for vector in vectors:
        if vector["venue"] != "bybit-v5" or vector["payload"].startswith("GET/realtime"):
            continue
        timestamp, key, asked = parts(vector["payload"])
        signed: list[bytes] = []

        def remember(payload: bytes, signed: list[bytes] = signed) -> str:
            signed.append(payload)
            return "signature"

        query, headers = BybitSigner(key, remember).sign(asked, int(timestamp) * 1_000_000 + 9)
        assert signed == [vector["payload"].encode()], vector["id"]
        assert query == asked
        assert headers == {
            "X-BAPI-API-KEY": key,
            "X-BAPI-TIMESTAMP": timestamp,
            "X-BAPI-RECV-WINDOW": "5000",
            "X-BAPI-SIGN": "signature",
        }
        seen.append(vector["id"])
    assert len(seen) == 5


def test_signatures_that_can_be_verified(vectors: Vectors) -> None:
    """With secrets made up for it, and of an old scheme with a published one."""
    checked = 0
    for vector in vectors:
        if "bybit" in vector["venue"] and vector.get("secret"):
            signature = vector.get("signature") or vector["expected_signature"]
            assert hmac_signer(vector["secret"])(vector["payload"].encode()) == signature
            checked += 1
    assert checked == 5


def test_a_signed_request(vectors: Vectors) -> None:
    """By the driver, from a configuration."""
    (vector,) = (each for each in vectors if each["id"] == "derived-bybit-rest-get")
    timestamp, key, query = parts(vector["payload"])
    for driver in (SPOT, LINEAR):
        signer = driver.signer(ExchangeConfig("bybit", key, vector["secret"]))
        assert signer is not None
        signed, headers = signer.sign(query, int(timestamp) * 1_000_000)
        assert signed == query
        assert headers["X-BAPI-SIGN"] == vector["signature"]


def test_another_window() -> None:
    """It is signed, and said."""
    _, headers = BybitSigner(KEY, bytes.decode, recv_window=3000).sign("a=1", 2_000_000)
    assert headers["X-BAPI-SIGN"] == f"2{KEY}3000a=1"
    assert headers["X-BAPI-RECV-WINDOW"] == "3000"


def test_without_a_key_nothing_signs() -> None:
    """Public data needs none."""
    assert SPOT.signer(ExchangeConfig("bybit")) is None


def test_the_key_does_not_show() -> None:
    """In the signer's `repr`, or in its attributes' names."""
    signer = SPOT.signer(ExchangeConfig("bybit", KEY, SECRET))
    for shown in (repr(signer), str(signer), f"{signer}", format(signer)):
        assert KEY not in shown
        assert SECRET not in shown


def pem(kind: str) -> tuple[Any, str]:
    """A private key, and its text."""
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = (
        rsa.generate_private_key(65537, 2048)
        if kind == "RSA"
        else ed25519.Ed25519PrivateKey.generate()
    )
    text: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key, text.decode()


def test_an_rsa_key_signs() -> None:
    """In base64 as it is: it goes into a header."""
    padding = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.padding")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    key, text = pem("RSA")
    signer = SPOT.signer(ExchangeConfig("bybit", KEY, private_key=text))
    assert signer is not None
    _, headers = signer.sign("a=1", 5_000_000)
    raw = base64.b64decode(headers["X-BAPI-SIGN"], validate=True)
    payload = f"5{KEY}5000a=1".encode()
    key.public_key().verify(raw, payload, padding.PKCS1v15(), hashes.SHA256())


def test_an_ed25519_key_is_refused() -> None:
    """Clearly, and blindly."""
    _, text = pem("Ed25519")
    with pytest.raises(ConfigurationError) as raised:
        SPOT.signer(ExchangeConfig("bybit", KEY, private_key=text))
    (error,) = raised.value.errors
    assert (error.field, error.value) == ("exchange.private_key", "***")
    assert error.reason == "is an Ed25519 key; this exchange takes RSA"


@pytest.mark.parametrize("text", ["", "x", SECRET])
def test_a_private_key_that_is_none_is_told_blindly(text: str) -> None:
    """The error and its causes hold nothing of it."""
    pytest.importorskip("cryptography")
    with pytest.raises(ConfigurationError, match="RSA key") as raised:
        SPOT.signer(ExchangeConfig("bybit", KEY, private_key=text or "-"))
    assert raised.value.__context__ is None
    assert SECRET not in str(raised.value)
