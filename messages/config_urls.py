"""What the configuration's URLs must keep."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

_LOOPBACK_4 = IPv4Network("127.0.0.0/8")
_LOOPBACK_6 = IPv6Address("::1")


def base_url_fault(url: str, schemes: tuple[str, ...]) -> str:
    """What is wrong with a base URL such as `https://api.example.com:443`; "" for nothing."""
    if "@" in url:
        return "must hold no user or password"
    if any(mark in url for mark in "?#"):
        return "must have no query and no fragment"
    return _fault(url, schemes)


def proxy_fault(url: str) -> str:
    """What is wrong with a proxy's URL `http://[user:password@]host:port`; "" for nothing."""
    return _fault(url.removesuffix("/"), ("http",))


def is_plain_and_remote(url: str) -> bool:
    """Whether what is sent there leaves this machine unencrypted."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "ws") and not _is_loopback(parts.hostname or "")


def _fault(url: str, schemes: tuple[str, ...]) -> str:
    # urlsplit() drops or carries white space and control characters; nobody else would.
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "must be printable ASCII without spaces or backslashes"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL: its host or port is invalid"
    if not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        return f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if not parts.hostname:
        return "has no host"
    if port == 0 or parts.netloc.endswith(":"):
        return "has no valid port"
    return _path_fault(parts)


def _path_fault(parts: SplitResult) -> str:
    if parts.path or parts.query or parts.fragment:
        return "must have no path, not even a slash at its end"
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address in _LOOPBACK_4
    return address == _LOOPBACK_6
