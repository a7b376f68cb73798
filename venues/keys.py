"""Signatures with an account's key; private keys need the extra `keys`."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable

from ..messages.errors import ConfigurationError, ValidationError

Sign = Callable[[bytes], bytes]

RSA, ED25519 = "RSA", "Ed25519"
"""The kinds of private keys."""


def hmac_signer(secret: str) -> Callable[[bytes], str]:
    """HMAC-SHA256, in hexadecimal digits."""
    key = secret.encode()
    return lambda payload: hmac.digest(key, payload, "sha256").hex()


def private_key_signer(pem: str, kinds: tuple[str, ...]) -> Callable[[bytes], str]:
    """RSA (PKCS1-v1_5 with SHA-256) or Ed25519, in base64; see `private_key`."""
    return private_key(pem, kinds)[1]


def private_key(pem: str, kinds: tuple[str, ...]) -> tuple[str, Callable[[bytes], str]]:
    """Which kind of key it is, and how it signs: in base64.

    Args:
        pem: PKCS#8, without a password.
        kinds: Those of `RSA` and `ED25519` that the exchange takes.

    Raises:
        ConfigurationError: It is no such key, or the extra is missing.
    """
    names = " or ".join(kinds)
    try:
        kind, sign = _load(pem)
    except ImportError:
        reason = "needs the extra: pip install 'exchange-connector[keys]'"
    except Exception:  # noqa: BLE001
        # Whatever cryptography says of it, nothing that has seen the key may hang on the error.
        reason = f"must be an {names} key, PKCS#8 in PEM, without a password"
    else:
        if kind in kinds:
            return kind, lambda payload: base64.b64encode(sign(payload)).decode()
        reason = f"is an {kind} key; this exchange takes {names}"
    raise ConfigurationError((ValidationError("exchange.private_key", "***", reason),))


def _load(pem: str) -> tuple[str, Sign]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, RSAPrivateKey):
        return RSA, lambda payload: key.sign(payload, PKCS1v15(), SHA256())
    if isinstance(key, Ed25519PrivateKey):
        return ED25519, key.sign
    raise TypeError(type(key).__name__)
