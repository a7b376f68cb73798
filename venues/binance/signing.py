"""How a request to Binance is signed.

By REST the signature is over the percent-encoded query exactly as it is sent, the timestamp
included, and comes last. By websocket it is over the parameters in the order of their names, the
key and the timestamp included, and nothing is percent-encoded.

Sources: https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security
https://developers.binance.com/docs/binance-spot-api-docs/websocket-api/request-security
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from ...messages.config import ExchangeConfig
from .. import keys

KEY_HEADER = "X-MBX-APIKEY"

_KINDS = keys.RSA, keys.ED25519


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


class BinanceFrameSigner:
    """The same for what goes over the websocket API.

    Args:
        api_key: One of the parameters.
        signature: From the parameters' bytes to the signature, as it is.
        logs_on: Whether the exchange takes it for `session.logon`: an Ed25519 key.
    """

    __slots__ = ("_api_key", "_logs_on", "_signature")

    def __init__(
        self, api_key: str, signature: Callable[[bytes], str], *, logs_on: bool = False
    ) -> None:
        self._api_key = api_key
        self._signature = signature
        self._logs_on = logs_on

    @property
    def logs_on(self) -> bool:
        """Whether only `session.logon` is signed."""
        return self._logs_on

    def sign(self, parameters: Mapping[str, str | int], timestamp_ns: int) -> dict[str, str | int]:
        """All parameters to send, signed at the exchange's time."""
        signed: dict[str, str | int] = {
            **parameters,
            "apiKey": self._api_key,
            "timestamp": timestamp_ns // 1_000_000,
        }
        payload = "&".join(f"{name}={signed[name]}" for name in sorted(signed))
        signed["signature"] = self._signature(payload.encode())
        return signed

    def __repr__(self) -> str:
        return "BinanceFrameSigner(***)"


def frame_signer(config: ExchangeConfig) -> BinanceFrameSigner | None:
    """Made from a configuration's key; None where there is no key.

    Raises:
        ConfigurationError: The private key cannot be used.
    """
    if not config.api_key:
        return None
    if not config.private_key:
        return BinanceFrameSigner(config.api_key, keys.hmac_signer(config.api_secret))
    kind, sign = keys.private_key(config.private_key, _KINDS)
    return BinanceFrameSigner(config.api_key, sign, logs_on=kind == keys.ED25519)


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
    sign = keys.private_key_signer(pem, _KINDS)
    return lambda payload: quote(sign(payload), safe="")
