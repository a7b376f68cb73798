"""How a request to Bybit is signed.

The signature is over timestamp, key, window and query (of a POST: body) exactly as they are sent,
with nothing between them. It goes into a header, and the query stays as it is.

Source: https://bybit-exchange.github.io/docs/v5/guide ("Create A Request")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...messages.config import ExchangeConfig
from .. import keys

RECV_WINDOW = 5000
"""For how many milliseconds a request is good; the exchange's default, said all the same."""


class BybitSigner:
    """Holds the key, blindly: its repr shows nothing of it.

    Args:
        api_key: Sent along in a header.
        signature: From what is signed to the signature.
        recv_window: Milliseconds.
    """

    __slots__ = ("_key", "_signature", "_window")

    def __init__(
        self, api_key: str, signature: Callable[[bytes], str], recv_window: int = RECV_WINDOW
    ) -> None:
        self._key = api_key
        self._signature = signature
        self._window = str(recv_window)

    def sign(self, query: str, timestamp_ns: int) -> tuple[str, Mapping[str, str]]:
        """The query as it is, and the headers that sign it at the exchange's time."""
        timestamp = str(timestamp_ns // 1_000_000)
        payload = f"{timestamp}{self._key}{self._window}{query}"
        return query, {
            "X-BAPI-API-KEY": self._key,
            "X-BAPI-TIMESTAMP": timestamp,
            "X-BAPI-RECV-WINDOW": self._window,
            "X-BAPI-SIGN": self._signature(payload.encode()),
        }

    def __repr__(self) -> str:
        return "BybitSigner(***)"


def signer(config: ExchangeConfig) -> BybitSigner | None:
    """Made from a configuration's key; None where there is no key.

    Raises:
        ConfigurationError: The private key cannot be used; Bybit takes RSA keys only.
    """
    if not config.api_key:
        return None
    if config.private_key:
        sign = keys.private_key_signer(config.private_key, (keys.RSA,))
    else:
        sign = keys.hmac_signer(config.api_secret)
    return BybitSigner(config.api_key, sign)
