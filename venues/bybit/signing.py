"""How a request to Bybit is signed.

The signature is over timestamp, key, window and query (of a POST: body) exactly as they are sent,
with nothing between them. It goes into a header, and the query stays as it is.

Sources: https://bybit-exchange.github.io/docs/v5/guide ("Create A Request")
https://bybit-exchange.github.io/docs/v5/ws/connect ("Authentication")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...messages.config import ExchangeConfig
from .. import keys

RECV_WINDOW = 5000
"""For how many milliseconds a request is good; the exchange's default, said all the same."""


LOGON_WINDOW = 10_000
"""For how many milliseconds a logon to the private websocket is good; that it ends is all that is
documented."""


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


class BybitFrameSigner:
    """The same for the private websocket, which is only logged on to.

    Args:
        api_key: One of the arguments.
        signature: From what is signed to the signature.
    """

    __slots__ = ("_api_key", "_signature")

    def __init__(self, api_key: str, signature: Callable[[bytes], str]) -> None:
        self._api_key = api_key
        self._signature = signature

    @property
    def logs_on(self) -> bool:
        """Whether only `auth` is signed."""
        return True

    def sign(self, parameters: Mapping[str, str | int], timestamp_ns: int) -> dict[str, str | int]:
        """The parameters, key, end and signature of a logon at the exchange's time."""
        expires = timestamp_ns // 1_000_000 + LOGON_WINDOW
        signature = self._signature(f"GET/realtime{expires}".encode())
        return {**parameters, "key": self._api_key, "expires": expires, "signature": signature}

    def __repr__(self) -> str:
        return "BybitFrameSigner(***)"


def frame_signer(config: ExchangeConfig) -> BybitFrameSigner | None:
    """Made from a configuration's key; None where there is no key. Raises as `signer`."""
    return BybitFrameSigner(config.api_key, _signature(config)) if config.api_key else None


def signer(config: ExchangeConfig) -> BybitSigner | None:
    """Made from a configuration's key; None where there is no key.

    Raises:
        ConfigurationError: The private key cannot be used; Bybit takes RSA keys only.
    """
    if not config.api_key:
        return None
    return BybitSigner(config.api_key, _signature(config))


def _signature(config: ExchangeConfig) -> Callable[[bytes], str]:
    if config.private_key:
        return keys.private_key_signer(config.private_key, (keys.RSA,))
    return keys.hmac_signer(config.api_secret)
