"""Probes of the network: look-ups, connections, handshakes, tunnels; none lasts longer than told."""

from __future__ import annotations

import base64
import importlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from .measured import Blocked, Connected, Names, NoNames, Obstacle, Target, Tls, TunnelAnswer

T = TypeVar("T")

_HEAD = 8192
_VERIFICATION = {
    9: Obstacle.NOT_YET_VALID,
    10: Obstacle.EXPIRED,
    18: Obstacle.UNKNOWN_ISSUER,
    19: Obstacle.UNKNOWN_ISSUER,
    20: Obstacle.UNKNOWN_ISSUER,
    21: Obstacle.UNKNOWN_ISSUER,
    62: Obstacle.WRONG_NAME,
    64: Obstacle.WRONG_NAME,
}
"""OpenSSL's codes of what is wrong with a certificate (x509_vfy.h)."""
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
)
_OLD_TLS = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
"""OpenSSL's reasons where the two ends have no version in common; the first is the far end's."""
_DAY = 86_400.0


def bounded(work: Callable[[], T], seconds: float) -> T | None:
    """What `work` returns, or None where that takes too long.

    A name look-up cannot be interrupted: its thread is left behind, and ends with the program.
    """
    outcomes: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcomes.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            outcomes.put((None, error))

    threading.Thread(target=run, name="check-probe", daemon=True).start()
    try:
        value, error = outcomes.get(timeout=seconds)
    except queue.Empty:
        return None
    if error is not None:
        raise error
    return value


def look_up(host: str, seconds: float) -> Names | NoNames:
    """A host name's addresses, as this machine finds them."""
    began = time.monotonic()
    try:
        found = bounded(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM), seconds)
    except socket.gaierror as error:
        return NoNames((error.strerror or "not found").lower())
    except (OSError, UnicodeError):
        return NoNames("not a host name")
    if found is None:
        return NoNames(f"no answer within {seconds:.1f} s", is_late=True)
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return Names(tuple(addresses), time.monotonic() - began)


def connect(
    target: Target, seconds: float, proxy: str = "", ca_file: str = ""
) -> Connected | Blocked:
    """Connect to a target, and speak TLS if it does.

    Args:
        proxy: To tunnel through, or "".
        ca_file: Authorities to trust instead of the usual ones, or "".
    """
    trusted = ca_file or DEFAULT_CA_BUNDLE_PATH
    reached = threading.Event()
    outcome = bounded(lambda: _connect(target, seconds, proxy, trusted, reached), seconds)
    is_late = isinstance(outcome, Blocked) and outcome.obstacle is Obstacle.TIMED_OUT
    if outcome is None or is_late:
        silence = Obstacle.TLS_SILENT if reached.is_set() else Obstacle.TIMED_OUT
        return Blocked(silence, f"within {seconds:.1f} s")
    return outcome


def tunnel(proxy: str, target: Target, seconds: float) -> TunnelAnswer | Blocked:
    """Ask a proxy for a tunnel."""

    def ask() -> TunnelAnswer | Blocked:
        try:
            with _reach(proxy, seconds) as sock:
                reached = time.monotonic() - began
                return TunnelAnswer(_open(sock, proxy, target), reached)
        except (OSError, ValueError) as error:
            return _blocked(error)

    began = time.monotonic()
    return bounded(ask, seconds) or Blocked(Obstacle.TIMED_OUT, f"within {seconds:.1f} s")


def _connect(
    target: Target, seconds: float, proxy: str, ca_file: str, reached: threading.Event
) -> Connected | Blocked:
    """Connect, and set `reached` as soon as TCP is."""
    began = time.monotonic()
    try:
        with _way(target, seconds, proxy) as sock:
            taken = time.monotonic() - began
            reached.set()
            if not target.is_secure:
                return Connected(taken, None)
            return Connected(taken, _shake_hands(sock, target.host, ca_file))
    except ssl.SSLCertVerificationError as error:
        obstacle = _VERIFICATION.get(error.verify_code, Obstacle.TLS_FAILED)
        if obstacle is Obstacle.UNKNOWN_ISSUER:
            return Blocked(obstacle, _issuer_shown(target, seconds, proxy))
        return Blocked(obstacle, error.verify_message)
    except (OSError, ValueError) as error:
        return _blocked(error)


def _way(target: Target, seconds: float, proxy: str) -> socket.socket:
    """A TCP connection, or a tunnel."""
    if not proxy:
        return socket.create_connection((target.host, target.port), seconds)
    sock = _reach(proxy, seconds)
    try:
        if (status := _open(sock, proxy, target)) != 200:
            raise ConnectionRefusedError(f"the proxy answered {status}")
    except BaseException:
        sock.close()
        raise
    return sock


def _reach(proxy: str, seconds: float) -> socket.socket:
    parts = urlsplit(proxy)
    return socket.create_connection((parts.hostname or "", parts.port or 80), seconds)


def _open(sock: socket.socket, proxy: str, target: Target) -> int:
    """CONNECT (RFC 9110, 9.3.6); the status, 0 where the answer is none."""
    head = f"CONNECT {target.place} HTTP/1.1\r\nHost: {target.place}\r\n"
    via = urlsplit(proxy)
    if via.username is not None:
        pair = f"{unquote(via.username)}:{unquote(via.password or '')}".encode()
        head += f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
    sock.sendall(f"{head}\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n") and len(answer) < _HEAD:
        byte = sock.recv(1)  # not one more than the head: what follows is the peer's
        if not byte:
            break
        answer += byte
    words = answer.split(b"\r\n", 1)[0].split(b" ")
    is_http = len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    return int(words[1]) if is_http else 0


def _shake_hands(sock: socket.socket, host: str, ca_file: str) -> Tls:
    began = time.monotonic()
    context = ssl.create_default_context(cafile=ca_file)
    with context.wrap_socket(sock, server_hostname=host) as secure:
        certificate: Any = secure.getpeercert() or {}
        left = ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()
        names = {key: value for part in certificate["issuer"] for key, value in part}
        issuer = names.get("organizationName") or names.get("commonName") or "an unnamed issuer"
        seconds = time.monotonic() - began
        return Tls(secure.version() or "TLS", str(issuer), left / _DAY, seconds)


def _issuer_shown(target: Target, seconds: float, proxy: str) -> str:
    """Who has issued a certificate that is not trusted; "" where that cannot be read.

    Nothing is sent over this connection.
    """
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        x509 = importlib.import_module("cryptography.x509")
        with (
            _way(target, seconds, proxy) as sock,
            context.wrap_socket(sock, server_hostname=target.host) as secure,
        ):
            shown = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))
            return f"it says {shown.issuer.rfc4514_string()[:100]}"
    except Exception:  # noqa: BLE001 - a help that is missing is no finding of its own
        return ""


def _blocked(error: OSError | ValueError) -> Blocked:
    match error:
        case socket.gaierror():
            return Blocked(Obstacle.NO_NAME, (error.strerror or "").lower())
        case TimeoutError():
            return Blocked(Obstacle.TIMED_OUT)
        case ConnectionRefusedError():
            return Blocked(Obstacle.REFUSED)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ConnectionError():
            return Blocked(Obstacle.CLOSED)
        case ssl.SSLError():
            reason = error.reason or ""
            if any(each in reason for each in _NOT_TLS):
                return Blocked(Obstacle.NOT_TLS)
            if any(each in reason for each in _OLD_TLS):
                return Blocked(Obstacle.TLS_OLD)
            return Blocked(Obstacle.TLS_FAILED, reason.replace("_", " ").lower())
        case _:
            words = getattr(error, "strerror", None) or type(error).__name__
            return Blocked(Obstacle.UNREACHABLE, str(words).lower())
