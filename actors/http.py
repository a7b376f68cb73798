"""One HTTP request, with everything that may go wrong as a value.

`requests` does the work. What is added sits in the connection classes, at urllib3's own seams: a
request shows its socket, so that it can be cut from outside at its deadline (a server that drips
bytes does not outlive it), and is signed in the connection's own `putrequest()`, where neither
urllib3's logs nor an exception see the signed URL.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import msgspec
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection

from .forks import in_child, own

MAX_BODY = 64 << 20
"""The largest body taken, in bytes; the exchange's list of all symbols is the largest there is."""
_CHUNK = 1 << 16
_REFUSED = 400

Sign = Callable[[str], tuple[str, Mapping[str, str]]]
"""Query to signed query and headers; called when the request leaves."""


class Response(msgspec.Struct, frozen=True):
    """An answer; times in monotonic nanoseconds, header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    sent_ns: int
    received_ns: int


class Failure(msgspec.Struct, frozen=True):
    """No usable answer; `reason` has nothing of the request in it.

    Attributes:
        status: The HTTP status, where that much came; else 0.
    """

    reason: str
    status: int = 0


_carrying = threading.Lock()
"""Guards whose request a connection carries: a cut that comes late must not hit the next one."""


@in_child
def _renew() -> None:
    """Another thread may have held the lock."""
    global _carrying
    _carrying = threading.Lock()


class Job:
    """A request under way.

    Attributes:
        sent_ns: When it left, monotonic nanoseconds; 0 while it has not.
        is_cut: Whether it was ended from outside.
    """

    def __init__(self, method: str, url: str, query: str, sign: Sign | None) -> None:
        self.method = method
        self.url = url
        self.query = query
        self.sent_ns = 0
        self.is_cut = False
        self._sign = sign
        self._connection: _Leaving | None = None
        self._socket: socket.socket | None = None

    def cut(self) -> None:
        """End it, from any thread."""
        with _carrying:
            self.is_cut = True
            self._shut()

    def leaves_on(self, connection: _Leaving | None) -> None:
        """It is about to be written to this connection; None when that is the pool's again."""
        with _carrying:
            if connection is not None:
                connection.carried, self._socket = self, connection.sock
            elif self._connection is not None and self._connection.carried is self:
                self._connection.carried = None
            self._connection = connection
            if self.is_cut:
                self._shut()

    def signed(self, url: str) -> tuple[str, Mapping[str, str]]:
        """The path and query to send, and the headers that belong to them."""
        if self._sign is None:
            return url, {}
        query, headers = self._sign(self.query)
        return f"{url.partition('?')[0]}?{query}", headers

    def _shut(self) -> None:
        connection = self._connection
        if connection is not None and connection.carried is self and self._socket is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Running(threading.local):
    job: Job | None = None


_running = _Running()


class _Leaving:
    """Mixed into urllib3's connections: what happens when a request leaves.

    Attributes:
        carried: Whose request it carries now.
    """

    sock: Any
    connect: Callable[[], None]
    carried: Job | None = None

    def request(self, *args: Any, **more: Any) -> None:
        """Show the socket before anything is sent."""
        job = _running.job
        assert job is not None
        if self.sock is None:
            self.connect()
            own(cast("socket.socket", self.sock))
        job.leaves_on(self)
        super().request(*args, **more)  # type: ignore[misc]

    def putrequest(self, method: str, url: str, *args: Any, **more: Any) -> None:
        """Sign, note the time, write the request line and the headers that belong to it."""
        job = _running.job
        assert job is not None
        signed, own = job.signed(url)
        job.sent_ns = time.monotonic_ns()
        super().putrequest(method, signed, *args, **more)  # type: ignore[misc]
        for name, value in own.items():
            super().putheader(name, value)  # type: ignore[misc]


class _Http(_Leaving, HTTPConnection):
    pass


class _Https(_Leaving, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http  # pyright: ignore[reportAssignmentType]


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https  # pyright: ignore[reportAssignmentType]


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        self._watch(manager)
        return manager

    def close(self) -> None:
        """Close every idle connection now; urllib3 leaves that to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in tuple(manager.pools.keys()):
                with contextlib.suppress(KeyError):
                    manager.pools[key].close()
        super().close()

    def _watch(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Nowhere: requests would read a redirect's body, without a bound, to prepare for it."""
        return None


class HttpClient:
    """Sends jobs; any number of threads at once.

    Args:
        connections: How many connections are kept.
        proxy: `http://[user:password@]host:port`, or ""; the environment has no say.
        ca_file: Authorities to trust instead of the usual ones, a PEM file, or "".
    """

    def __init__(self, connections: int, proxy: str, user_agent: str, ca_file: str = "") -> None:
        self._verify = ca_file or True
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers = {"User-Agent": user_agent, "Accept": "application/json"}  # type: ignore[assignment]
        self._session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_maxsize=connections, max_retries=0))

    def send(self, job: Job, timeout: float) -> Response | Failure:
        """Send one request, once, following nothing; never raises.

        Args:
            timeout: Seconds for each step; the whole is bounded by who cuts the job.
        """
        _running.job = job
        try:
            return self._send(job, timeout)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return Failure(_reason(error))
        except Exception as error:  # noqa: BLE001 - sockets and codecs raise all sorts
            return Failure(type(error).__name__)
        finally:
            _running.job = None
            job.leaves_on(None)

    def close(self) -> None:
        """Close every idle connection."""
        self._session.close()

    def _send(self, job: Job, timeout: float) -> Response | Failure:
        url = f"{job.url}?{job.query}" if job.query else job.url
        with self._session.request(
            job.method,
            url,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            proxies=self._proxies,
            verify=self._verify,
        ) as response:
            received = time.monotonic_ns()
            status = response.status_code
            headers = {name.lower(): value for name, value in response.headers.items()}
            try:
                body = _read(response, job)
            except _BodyError as error:
                if status < _REFUSED:
                    return Failure(str(error), status)
                body = b""  # of a refusal the status and the headers say enough
            except Exception:  # of a refusal, whatever broke its body, the headers still count
                if status < _REFUSED:
                    raise
                body = b""
            return Response(status, headers, body, job.sent_ns, received)


class _BodyError(Exception):
    """A body that is not taken; its text is the reason."""


def _read(response: requests.Response, job: Job) -> bytes:
    body = bytearray()
    try:
        for chunk in response.raw.stream(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > MAX_BODY:
                raise _BodyError(f"a body of more than {MAX_BODY} bytes")
    except urllib3.exceptions.DecodeError:
        raise _BodyError("a body that cannot be decoded") from None
    if job.is_cut:  # what looks like the end of the answer may be ours
        raise _BodyError("cut")
    return bytes(body)


def _reason(error: BaseException) -> str:
    """What went wrong at the bottom of it, with nothing of the request."""
    cause: BaseException = error
    seen: set[int] = set()
    while id(cause) not in seen:
        seen.add(id(cause))
        inner = (getattr(cause, "reason", None), cause.__cause__, *cause.args)
        cause = next((each for each in inner if isinstance(each, BaseException)), cause)
    words = getattr(cause, "strerror", None) or type(cause).__name__
    return f"{type(error).__name__}: {words}"
