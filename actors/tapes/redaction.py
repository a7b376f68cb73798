"""Keeps secrets out of what is written down."""

from __future__ import annotations

import re

from ...messages.config import ExchangeConfig
from ...messages.config_secrets import HIDDEN

_SECRET = re.compile(
    r"""((?:signature|listenKey|apiKey|X-MBX-APIKEY)(?:=|\\?"\s*:\s*\\?"|:\s*))[^&"\\\s,}]+""",
    re.IGNORECASE,
)
"""What is secret wherever it stands: a signature, and keys of a user's stream or account."""
_LEAST_LINE = 8
"""Characters of a line of a private key that say something of it."""


class Redaction:
    """Hides the configured key and secret, and what looks like a signature or a key."""

    def __init__(self, exchange: ExchangeConfig) -> None:
        secrets = {exchange.api_key, exchange.api_secret}
        lines = exchange.private_key.splitlines()
        secrets |= {line for line in lines if "-----" not in line and len(line) >= _LEAST_LINE}
        found = sorted(filter(None, secrets), key=len, reverse=True)
        self._own = re.compile("|".join(map(re.escape, found))) if found else None

    def text(self, text: str) -> str:
        """The same without secrets."""
        if self._own is not None:
            text = self._own.sub(HIDDEN, text)
        return _SECRET.sub(rf"\g<1>{HIDDEN}", text)

    def data(self, data: bytes) -> bytes:
        """The same of bytes that need be no text."""
        return self.text(data.decode("latin-1")).encode("latin-1")
