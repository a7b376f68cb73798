"""Signatures with an RSA or an Ed25519 key; needs the extra `keys`.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from urllib.parse import quote

from ...messages.errors import ConfigurationError, ValidationError

Sign = Callable[[bytes], bytes]


def private_key_signer(pem: str) -> Callable[[bytes], str]:
    """RSA (PKCS1-v1_5 with SHA-256) or Ed25519, in percent-encoded base64.

    Raises:
        ConfigurationError: It is no such key, or the extra is missing.
    """
    try:
        sign = _load(pem)
    except ImportError:
        reason = "needs the extra: pip install 'exchange-connector[keys]'"
    except Exception:  # noqa: BLE001
        # Whatever cryptography says of it, nothing that has seen the key may hang on the error.
        reason = "must be an RSA or Ed25519 key, PKCS#8 in PEM, without a password"
    else:
        return lambda payload: quote(base64.b64encode(sign(payload)), safe="")
    raise ConfigurationError((ValidationError("exchange.private_key", "***", reason),))


def _load(pem: str) -> Sign:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem.encode(), password=None)
    if isinstance(key, RSAPrivateKey):
        return lambda payload: key.sign(payload, PKCS1v15(), SHA256())
    if isinstance(key, Ed25519PrivateKey):
        return key.sign
    raise TypeError(type(key).__name__)
