"""The URLs of a configuration."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.config import Config, ConnectionConfig, ExchangeConfig
from exchange_connector.messages.config_secrets import without_credentials
from exchange_connector.messages.config_urls import base_url_fault, is_plain_and_remote, proxy_fault
from exchange_connector.messages.errors import ConfigurationError

HTTP = ("http", "https")

BAD = [
    *("x", "api.example.com", "//host", "http:", "http://", "http:///", "https://:443"),
    *("ftp://host", "ws://host", "file:///etc", "HTTPS://host", "https:host", "javascript:1"),
    *("https://host/", "https://host/api", "https://host?x=1", "https://host#x", "https://host?"),
    *("https://u@host", "https://u:p@host", "https://@host", "https://host:", "https://host:0"),
    *("https://host:65536", "https://host:-1", "https://host:x", "https://host:1:2"),
    *("https://[::1", "https://ho st", " https://host", "https://host\n", "https://ho\tst"),
    *("https://host\\x", "https://h\u00f6st", "https://host\x00", "https://host#"),
]


@pytest.mark.parametrize(
    "url",
    [
        *("https://api.example.com", "http://host:80", "https://host:65535", "https://1.2.3.4"),
        *("http://127.0.0.1:9080", "http://[::1]:9080", "https://a-b.c_d.example"),
    ],
)
def test_a_base_url_is_a_scheme_a_host_and_perhaps_a_port(url: str) -> None:
    """And nothing else."""
    assert base_url_fault(url, HTTP) == ""


@pytest.mark.parametrize("url", BAD, ids=ascii)
def test_anything_else_has_a_fault(url: str) -> None:
    """Which is told without repeating it."""
    assert base_url_fault(url, HTTP)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("rest_url", "https://host", "wss://host"),
        ("stream_url", "wss://host", "https://host"),
        ("ws_api_url", "wss://host", "http://host"),
    ],
)
def test_each_url_has_its_schemes(field: str, good: str, bad: str) -> None:
    """HTTP for requests, websockets for the others."""
    exchange = ExchangeConfig("binance")
    Config(msgspec.structs.replace(exchange, **{field: good})).validate()
    with pytest.raises(ConfigurationError) as raised:
        Config(msgspec.structs.replace(exchange, **{field: bad})).validate()
    assert [fault.field for fault in raised.value.errors] == [f"exchange.{field}"]


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.255.255.254:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("https://api.example.com", True),
        ("http://api.example.com", False),
        ("http://128.0.0.1", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.1", False),
        ("http://0.0.0.0", False),
        ("http://[::ffff:127.0.0.1]", False),
        ("http://10.0.0.1", False),
    ],
)
def test_a_key_is_sent_in_the_clear_to_loopback_only(url: str, is_fine: bool) -> None:
    """Without a key, anything may be asked in the clear."""
    Config(ExchangeConfig("binance", rest_url=url)).validate()
    config = Config(ExchangeConfig("binance", "key", "secret", rest_url=url))
    if is_fine:
        config.validate()
    else:
        with pytest.raises(ConfigurationError, match=r"exchange\.rest_url"):
            config.validate()


def test_a_key_is_not_sent_in_the_clear_through_a_proxy() -> None:
    """Not even to loopback, which would be the proxy's."""
    exchange = ExchangeConfig("binance", "key", "secret", rest_url="http://127.0.0.1:1")
    Config(exchange, connection=ConnectionConfig(proxy="http://127.0.0.1:3128")).validate()
    with pytest.raises(ConfigurationError, match=r"exchange\.rest_url"):
        Config(exchange, connection=ConnectionConfig(proxy="http://proxy:3128")).validate()


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("http://proxy:3128", True),
        ("http://user:password@proxy:3128/", True),
        ("https://proxy:3128", False),
        ("socks5://proxy:1080", False),
        ("proxy:3128", False),
        ("http://proxy/path", False),
    ],
)
def test_a_proxy_speaks_http(url: str, is_fine: bool) -> None:
    """It tunnels, and may want a user and a password."""
    assert (proxy_fault(url) == "") is is_fine


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://host", "http://host"),
        ("http://u:p@host:1", "http://***@host:1"),
        ("http://u:p@w@host", "http://***@host"),
        ("u:p@host", "***@host"),
        ("u:p//w@host", "***@host"),
        ("http://u:p//w@host", "http://***@host"),
        ("", ""),
    ],
)
def test_credentials_are_hidden(url: str, shown: str) -> None:
    """However badly the rest is written."""
    assert without_credentials(url) == shown


@given(st.text(max_size=40) | st.text("htps:/@[]?#.1 \\", max_size=20).map("http://".__add__))
def test_any_text_is_a_url_or_has_a_fault(url: str) -> None:
    """Never an exception, and what passes can be asked about."""
    if not base_url_fault(url, HTTP):
        is_plain_and_remote(url)
        assert without_credentials(url) == url
