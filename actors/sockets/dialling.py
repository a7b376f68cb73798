"""Opening the socket of a websocket session.

We connect, tunnel and wrap by ourselves and hand websocket-client the socket: so nothing comes from
the environment (proxies), and the socket can be shut from outside at any stage.
"""

# The annotations of websocket-client are partial:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import base64
import math
import socket
import ssl
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from websocket import WebSocketBadStatusException

from ..base.forks import own
from .wire import Wire

_SWITCHED = 101
_TUNNEL_HEAD = 8192


class DialError(Exception):
    """A connection attempt failed; its text is the reason.

    Attributes:
        wait: Seconds that the exchange wants us to wait, None where it did not say.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def dial(
    wire: Wire,
    url: str,
    timeout: float,
    proxy: str,
    opened: Callable[[socket.socket], None],
    ca_file: str = "",
) -> None:
    """Connect `wire` to `url`.

    Args:
        timeout: Seconds for each step; the whole is bounded by whoever shuts the socket.
        proxy: `http://[user:password@]host:port` to tunnel through, or "".
        opened: Told the socket as soon as there is one, so that it can be shut from outside.
        ca_file: Authorities to trust instead of the usual ones, a PEM file, or "".

    Raises:
        DialError: It did not work; nothing stays open.
    """
    failure = _attempt(wire, url, timeout, proxy, opened, ca_file)
    if failure is not None:
        raise failure  # outside of every `except`: nothing of the attempt hangs on it


def _attempt(
    wire: Wire,
    url: str,
    timeout: float,
    proxy: str,
    opened: Callable[[socket.socket], None],
    ca_file: str,
) -> DialError | None:
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    sock: socket.socket | None = None
    try:
        via = _address(proxy) if proxy else (host, port)
        sock = own(socket.create_connection(via, timeout))
        opened(sock)
        if proxy:
            _tunnel(sock, host, port, proxy)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if secure:
            context = ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            opened(own(sock))
            sock.do_handshake()
        wire.connect(url, socket=sock, timeout=timeout, redirect_limit=0, suppress_origin=True)  # type: ignore[no-untyped-call]
        if (status := wire.getstatus()) != _SWITCHED:  # older releases let redirects pass
            raise ConnectionError(f"HTTP status {status}")
    except WebSocketBadStatusException as error:
        _close(sock)
        headers = {
            str(key).lower(): str(value) for key, value in (error.resp_headers or {}).items()
        }
        return DialError(f"upgrade refused (HTTP status {error.status_code})", _wait(headers))
    except Exception as error:  # noqa: BLE001 - sockets, TLS and the library raise all sorts
        _close(sock)
        return DialError(f"{type(error).__name__}: {str(error)[:200]}")
    return None


def _address(proxy: str) -> tuple[str, int]:
    parts = urlsplit(proxy)
    try:
        return parts.hostname or "", parts.port or 80
    except ValueError:  # its words may be a piece of the password
        raise ConnectionError("the proxy's address is none") from None


def _tunnel(sock: socket.socket, host: str, port: int, proxy: str) -> None:
    """CONNECT through an HTTP proxy (RFC 9110, 9.3.6)."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    head = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    via = urlsplit(proxy)
    if via.username is not None:
        pair = f"{unquote(via.username)}:{unquote(via.password or '')}".encode()
        head += f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
    sock.sendall(f"{head}\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)  # not one more than the head: what follows is the peer's
        if not byte or len(answer) > _TUNNEL_HEAD:
            raise ConnectionError("the proxy's answer is none")
        answer += byte
    status = answer.split(b"\r\n", 1)[0].split(b" ")
    if len(status) < 2 or status[1] != b"200":
        raise ConnectionError("the proxy refused the tunnel")


def _seconds(value: str) -> float:
    """A Retry-After: seconds, or an HTTP date (RFC 9110, 10.2.3)."""
    try:
        return float(value)
    except ValueError:
        return parsedate_to_datetime(value).timestamp() - time.time()


def _wait(headers: dict[str, str]) -> float | None:
    try:
        wait = _seconds(headers["retry-after"])
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return None if math.isnan(wait) else min(max(wait, 0.0), 86_400.0)


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
