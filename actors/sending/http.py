"""One HTTP request, with everything that may go wrong as a value.

`requests` does the work; what is added sits in the connections (`http_job`).
"""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy

import msgspec
import requests
import urllib3
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .http_job import Adapter, Job, running

MAX_BODY = 64 << 20
"""The largest body taken, in bytes; the exchange's list of all symbols is the largest there is."""
_CHUNK = 1 << 16
_REFUSED = 400
_JSON = {"Content-Type": "application/json"}


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
        self._headers: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict(
            {"User-Agent": user_agent, "Accept": "application/json"}
        )
        self._headers_of_none = CaseInsensitiveDict({**self._headers, "Content-Length": "0"})
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._adapters = [Adapter(pool_maxsize=connections, max_retries=0) for _ in range(2)]
        for scheme, adapter in zip(("http://", "https://"), self._adapters, strict=True):
            self._session.mount(scheme, adapter)

    def send(self, job: Job, timeout: float) -> Response | Failure:
        """Send one request, once, following nothing; never raises.

        Args:
            timeout: Seconds for each step; the whole is bounded by who cuts the job.
        """
        running.job = job
        try:
            return self._send(job, timeout)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return Failure(_reason(error))
        except Exception as error:  # noqa: BLE001 - sockets and codecs raise all sorts
            return Failure(type(error).__name__)
        finally:
            running.job = None
            job.leaves_on(None)

    def drop_idle(self) -> None:
        """Keep no connection for later, as the way to the exchange may be another now."""
        for adapter in self._adapters:
            adapter.drop_idle()

    def close(self) -> None:
        """Close every idle connection."""
        self._session.close()

    def _send(self, job: Job, timeout: float) -> Response | Failure:
        with self._session.send(
            self._prepared(job),
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

    def _prepared(self, job: Job) -> requests.PreparedRequest:
        """What `requests` would make of it in several times the time: the query is encoded already."""
        request = requests.PreparedRequest()
        request.method = job.method
        if job.is_body:
            request.url, request.body = job.url, job.query.encode()
            length = {"Content-Length": str(len(request.body))}
            request.headers = CaseInsensitiveDict({**self._headers, **_JSON, **length})
            return request
        request.url = f"{job.url}?{job.query}" if job.query else job.url
        request.headers = self._headers if job.method == "GET" else self._headers_of_none
        return request


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
