"""Keys made, and signatures checked.

Source: rest-api.md "SIGNED Endpoint Examples": HMAC-SHA256 in hex of either case; RSA (PKCS #1
v1.5 with SHA-256) and Ed25519 in Base64. The latter two take the `keys` extra.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from ..credentials import Credentials
from .accounts import Key, KeyKind

RSA_BITS = 2_048
RSA_EXPONENT = 65_537


def sign(secret: str, text: str) -> str:
    """HMAC-SHA256 in lower-case hex."""
    return hmac.new(secret.encode(), _bytes(text), hashlib.sha256).hexdigest()


def is_right(key: Key, text: str, signature: str) -> bool:
    """Whether a signature of a text was made with the key."""
    if key.kind == "HMAC":
        expected = sign(key.secret, text)
        return hmac.compare_digest(expected.encode(), _bytes(signature.lower()))
    try:
        signed = binascii.a2b_base64(signature, strict_mode=True)
    except ValueError:
        return False
    return _is_verified(key, signed, _bytes(text))


@dataclass(frozen=True)
class Made:
    """A key of an account: `public` is for checking, the rest is for its owner."""

    api_key: str
    api_secret: str = ""
    private_key: str = ""
    public: Any = None


def made(kind: KeyKind, seed: str, public_key: str) -> Made:
    """A key whose name, and if it is HMAC whose secret, follow from `seed`.

    Args:
        kind: how it signs.
        seed: no other key may have the same.
        public_key: in PEM, if the client has the private one; else one is made.

    Raises:
        ImportError: without the `keys` extra.
        ValueError: if the PEM holds no key of that kind.
    """
    named = Credentials.of_seed(f"account {seed}")
    if kind == "HMAC":
        return Made(named.api_key, named.api_secret)
    if public_key:
        return Made(named.api_key, public=read(kind, public_key))
    private, public = _pair(kind)
    return Made(named.api_key, private_key=private, public=public)


def _pair(kind: KeyKind) -> tuple[str, Any]:
    """A new private key in PEM (PKCS #8), and the public key that belongs to it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    private = (
        ed25519.Ed25519PrivateKey.generate()
        if kind == "ED25519"
        else rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode(), private.public_key()


def read(kind: KeyKind, pem: str) -> Any:
    """The public key of a PEM.

    Raises:
        ImportError: without the `keys` extra.
        ValueError: if it holds none of that kind.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    public = serialization.load_pem_public_key(pem.encode())
    wanted = ed25519.Ed25519PublicKey if kind == "ED25519" else rsa.RSAPublicKey
    if not isinstance(public, wanted):
        raise ValueError(f"public_key: no {kind} key")  # noqa: TRY004 - it is the text that is wrong
    return public


def _is_verified(key: Key, signed: bytes, text: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        if key.kind == "ED25519":
            key.public_key.verify(signed, text)
        else:
            key.public_key.verify(signed, text, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    """Bytes that are no UTF-8 stay so."""
    return text.encode("utf-8", "surrogateescape")
