"""What the probes bring home: plain values, for the judgement to read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from ...messages.config_urls import is_plain_and_remote
from ...messages.errors import ConnectorError

Role = Literal["REST", "stream"]

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where one of the exchange's two sides is.

    Attributes:
        is_secure: Whether TLS is spoken there.
        is_exposed: Whether what is sent there leaves this machine unencrypted.
    """

    role: Role
    url: str
    host: str
    port: int
    is_secure: bool
    is_exposed: bool

    @classmethod
    def of(cls, role: Role, url: str) -> Target:
        """The target of a base URL."""
        parts = urlsplit(url)
        return cls(
            role,
            url,
            parts.hostname or "",
            parts.port or _PORTS[parts.scheme],
            parts.scheme in ("https", "wss"),
            is_plain_and_remote(url),
        )

    @property
    def place(self) -> str:
        """Host and port."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, which needs no look-up."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Names:
    """A host name's addresses."""

    addresses: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class NoNames:
    """A host name was not found; `is_late` where no answer came in time."""

    reason: str
    is_late: bool = False


class Obstacle(StrEnum):
    """Why there is no connection."""

    NO_NAME = "the host name was not found"
    TIMED_OUT = "no answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CLOSED = "closed in the middle of it"
    NOT_TLS = "what answers does not speak TLS"
    EXPIRED = "the certificate has expired"
    NOT_YET_VALID = "the certificate is not valid yet"
    UNKNOWN_ISSUER = "the certificate's issuer is unknown"
    WRONG_NAME = "the certificate is for another name"
    TLS_SILENT = "connected, and no answer to the TLS handshake"
    TLS_OLD = "no version of TLS that both ends take"
    TLS_FAILED = "the TLS handshake failed"


@dataclass(frozen=True, slots=True)
class Blocked:
    """There is no connection; `detail` has what more is known, or ""."""

    obstacle: Obstacle
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    """A TLS session that was made, and the certificate shown."""

    version: str
    issuer: str
    days_left: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Connected:
    """There is a connection; `seconds` until TCP's, `tls` where TLS is spoken."""

    seconds: float
    tls: Tls | None


@dataclass(frozen=True, slots=True)
class TunnelAnswer:
    """What a proxy said to CONNECT; `status` is 0 where it was no HTTP."""

    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pings:
    """REST answered; seconds, in the order of asking."""

    round_trips: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PingFailed:
    """REST did not, or not as the exchange would.

    Attributes:
        status: The HTTP status; 0 where there was none.
        error: What it means.
        wait: Seconds that the exchange wants silence; None where it does not.
    """

    status: int
    error: ConnectorError
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """A subscription was confirmed; seconds from asking, `first_event` None where none came."""

    symbol: str
    confirmed: float
    first_event: float | None
    waited: float


@dataclass(frozen=True, slots=True)
class StreamDown:
    """No subscription was confirmed in time; `cause` is the session's, "" while it is up."""

    symbol: str
    cause: str
    waited: float
