"""How a request to Binance is signed.

The signature is over the percent-encoded query exactly as it is sent, the timestamp included, and
comes last.

Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from ...messages.config import ExchangeConfig
from .. import keys

KEY_HEADER = "X-MBX-APIKEY"


class BinanceSigner:
    """Holds the key, blindly: its repr shows nothing of it.

    Args:
        api_key: Sent along in a header.
        signature: From a query's bytes to the signature, percent-encoded.
        recv_window: For how many milliseconds a request is good; the exchange's 5000 if None.
    """

    __slots__ = ("_headers", "_signature", "_window")

    def __init__(
        self, api_key: str, signature: Callable[[bytes], str], recv_window: int | None = None
    ) -> None:
        self._headers = {KEY_HEADER: api_key}
        self._signature = signature
        self._window = "" if recv_window is None else f"&recvWindow={recv_window}"

    def sign(self, query: str, timestamp_ns: int) -> tuple[str, Mapping[str, str]]:
        """The query to send, signed at the exchange's time, and the headers that belong to it."""
        stamped = f"{query}{self._window}&timestamp={timestamp_ns // 1_000_000}".removeprefix("&")
        return f"{stamped}&signature={self._signature(stamped.encode())}", self._headers

    def __repr__(self) -> str:
        return "BinanceSigner(***)"


def signer(config: ExchangeConfig) -> BinanceSigner | None:
    """Made from a configuration's key; None where there is no key.

    Raises:
        ConfigurationError: The private key cannot be used.
    """
    if not config.api_key:
        return None
    if config.private_key:
        return BinanceSigner(config.api_key, private_key_signer(config.private_key))
    return BinanceSigner(config.api_key, keys.hmac_signer(config.api_secret))


def private_key_signer(pem: str) -> Callable[[bytes], str]:
    """RSA or Ed25519, in percent-encoded base64. Raises `ConfigurationError`."""
    sign = keys.private_key_signer(pem, (keys.RSA, keys.ED25519))
    return lambda payload: quote(sign(payload), safe="")
