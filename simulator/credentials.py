"""The account to try: its key and its secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Credentials:
    """An account's key and secret."""

    api_key: str
    api_secret: str

    @classmethod
    def of_seed(cls, seed: int | str, key_length: int = 64, secret_length: int = 64) -> Credentials:
        """Key and secret of the account to try; the same for the same seed."""
        return cls(_text(f"key {seed}")[:key_length], _text(f"secret {seed}")[:secret_length])


def _text(seed: str) -> str:
    return hashlib.sha256(f"exchange in a box {seed}".encode()).hexdigest()
