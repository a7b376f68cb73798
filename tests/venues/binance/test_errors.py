"""What Binance's refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.errors import (
    AuthenticationError,
    ExchangeError,
    RateLimitError,
)
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.control import Refusal

Lines = Callable[[str], Iterator[dict[str, Any]]]

NOW = 1_700_000_000.0
DAY = 86_400.0


def refusal(
    status: int, body: object = b"", headers: dict[str, str] | None = None, now: float = NOW
) -> Refusal:
    """The refusal in an answer that is one."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    meaning = DRIVER.refusal(status, headers or {}, data, now)
    assert meaning is not None
    assert meaning.error.exchange == "binance"
    return meaning


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_refusal(status: int) -> None:
    """Whatever its body says; that is the decoder's."""
    assert DRIVER.refusal(status, {}, b"<html>", NOW) is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, -1121, ExchangeError),
        (400, -1102, ExchangeError),
        (404, -2013, ExchangeError),
        (409, -2021, ExchangeError),
        (403, -1000, ExchangeError),
        (400, -1022, AuthenticationError),
        (400, -2014, AuthenticationError),
        (400, -2015, AuthenticationError),
        (401, -2015, AuthenticationError),
        (401, -1, AuthenticationError),
        (400, -1002, AuthenticationError),
        (503, -2015, ExchangeError),
    ],
)
def test_a_refusal_keeps_the_exchanges_words(
    status: int, code: int, kind: type[ExchangeError]
) -> None:
    """Its code, its message and the HTTP status."""
    meaning = refusal(status, {"code": code, "msg": "Words.", "data": {}})
    assert meaning.error == kind(code, "Words.", status, exchange="binance")
    assert meaning.wait is None
    assert not meaning.clock_doubted


def test_a_wrong_timestamp_casts_doubt_on_the_clock() -> None:
    """And is neither a failure nor a matter of the key."""
    meaning = refusal(400, {"code": -1021, "msg": "Timestamp for this request is outside …"})
    assert meaning.clock_doubted
    assert type(meaning.error) is ExchangeError
    assert not meaning.is_failure


@pytest.mark.parametrize(
    ("status", "code", "is_failure"),
    [
        *((500, 0, True), (502, -1, True), (503, -1008, True), (504, -1007, True)),
        *((400, -1000, True), (400, -1001, True), (400, -1121, False), (401, -2015, False)),
        *((429, -1003, False), (418, -1003, False), (403, -1, False)),
    ],
)
def test_failures_are_the_exchanges_own_trouble(status: int, code: int, is_failure: bool) -> None:
    """The circuit breaker counts those only."""
    assert refusal(status, {"code": code, "msg": ""}).is_failure is is_failure


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html><body>Bad gateway, see /api?signature=abcdef</body></html>", b"{}", b"[]"),
        *(b"null", b'{"code":"x"}', b'{"code":1.5,"msg":"x"}', b'{"msg":"x"}', b"\xff\xfe"),
        *(b"[" * 100_000, b'{"code":-1', b'{"code":-1,"msg":1}', b'{"code":true,"msg":""}'),
    ],
    ids=lambda body: ascii(body[:16]),
)
@pytest.mark.parametrize("status", [400, 403, 404, 500, 502])
def test_a_body_that_is_no_error_has_code_zero(status: int, body: bytes) -> None:
    """And nothing of it is repeated: a page may quote the request with its signature."""
    error = refusal(status, body).error
    assert isinstance(error, ExchangeError)
    assert (error.code, error.http_status) == (0, status)
    assert "signature" not in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """A signed request must not be led elsewhere."""
    meaning = refusal(status, b"", {"location": "https://elsewhere.example"})
    assert isinstance(meaning.error, ExchangeError)
    assert "redirect" in meaning.error.message
    assert not meaning.is_failure


DATE = formatdate(NOW + 90, usegmt=True)


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, "30", 30.0),
        (429, " 30 ", 30.0),
        (429, "0", 1.0),
        (429, None, 60.0),
        (429, "999999", DAY),
        (429, DATE, 90.0),
        (429, formatdate(NOW - 90, usegmt=True), 1.0),
        (418, "130", 130.0),
        (418, None, 120.0),
        (418, "999999", 3 * DAY),
        (418, DATE, 90.0),
        *(
            (429, odd, 60.0)
            for odd in ("", "soon", "-5", "1.5", "nan", "inf", "1e9", "9" * 30, "\u0663")
        ),
        (418, "soon", 120.0),
    ],
)
def test_too_much_means_silence(status: int, retry_after: str | None, wait: float) -> None:
    """For as long as the exchange says, within reason."""
    headers = {} if retry_after is None else {"retry-after": retry_after}
    meaning = refusal(status, {"code": -1003, "msg": "Too much."}, headers)
    assert meaning.wait == pytest.approx(wait)
    assert meaning.error == RateLimitError(meaning.wait or 0.0, -1003, exchange="binance")


def test_a_ban_says_when_it_ends() -> None:
    """In its message, in milliseconds; the header counts first, and no ban is believed for ever."""
    until = int((NOW + 500) * 1000)
    body = {
        "code": -1003,
        "msg": f"Way too much request weight used; IP banned until {until}. Use …",
    }
    assert refusal(418, body).wait == pytest.approx(500.0)
    assert refusal(418, body, {"retry-after": "7"}).wait == 7.0
    assert refusal(418, body, now=NOW + 1000).wait == 1.0
    assert refusal(418, body, now=0.0).wait == 3 * DAY
    assert refusal(429, body).wait == 60.0


def test_a_limit_without_a_readable_body_is_one_all_the_same() -> None:
    """Its code is 0 then: the exchange said so, but gave none."""
    meaning = refusal(429, b"<html>", {"retry-after": "5"})
    assert meaning.error == RateLimitError(5.0, 0, exchange="binance")
    assert meaning.wait == 5.0


def test_too_many_orders_do_not_silence_everything() -> None:
    """That limit is the account's, and concerns new orders."""
    meaning = refusal(429, {"code": -1015, "msg": "Too many new orders."}, {"retry-after": "9"})
    assert meaning.error == RateLimitError(9.0, -1015, exchange="binance")
    assert meaning.wait is None


def test_a_code_beyond_64_bits_is_none() -> None:
    """It could not travel on."""
    error = refusal(400, {"code": 10**30, "msg": "Words."}).error
    assert error == ExchangeError(0, "Words.", 400, exchange="binance")


def test_the_firewall_is_heeded_where_it_says_for_how_long() -> None:
    """It answers with 403, mostly without a word about time."""
    assert refusal(403, b"<html>").wait is None
    assert refusal(403, b"<html>", {"retry-after": "20"}).wait == 20.0


@pytest.mark.parametrize(
    ("headers", "used"),
    [
        ({"x-mbx-used-weight-1m": "25"}, 25),
        ({"x-mbx-used-weight-1m": "0"}, 0),
        ({"x-mbx-used-weight": "9"}, None),
        ({}, None),
        *(({"x-mbx-used-weight-1m": odd}, None) for odd in ("", "-1", "x", "1.5", "9" * 5000)),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_the_used_weight_is_in_a_header(headers: dict[str, str], used: int | None) -> None:
    """Of the current minute; anything odd is none."""
    assert DRIVER.used_weight(headers) == used


@given(
    st.integers(100, 599),
    st.dictionaries(st.just("retry-after"), st.text(max_size=40)),
    st.binary(max_size=80),
)
def test_any_answer_has_a_meaning(status: int, headers: dict[str, str], body: bytes) -> None:
    """Never an exception, and never an endless wait."""
    meaning = DRIVER.refusal(status, headers, body, NOW)
    assert (meaning is None) == (200 <= status < 300)
    if meaning is not None and meaning.wait is not None:
        assert 1.0 <= meaning.wait <= 3 * DAY


def test_documented_errors_are_understood(lines: Lines) -> None:
    """Every error on the page of the REST API; of half a replacement, the half that failed."""
    found, halves = 0, 0
    for line in lines("docs/binance_rest.jsonl"):
        body = json.loads(line["raw"])
        if isinstance(body, dict) and "code" in body and "msg" in body:
            error = refusal(400, line["raw"].encode()).error
            assert isinstance(error, ExchangeError)
            said = body["code"], body["msg"]
            if said[0] in (-2021, -2022) and (failed := failed_half(body["data"])):
                said, halves = failed, halves + 1
            assert (error.code, error.message) == said
            found += 1
    assert (found, halves) == (11, 4)


def failed_half(data: dict[str, Any]) -> tuple[int, str] | None:
    """Read once more: which of the two failed, and with it the whole."""
    old, new = data["cancelResponse"], data["newOrderResponse"]
    if data["newOrderResult"] == "SUCCESS":
        return None
    if data["cancelResult"] == "FAILURE":
        return old["code"], old["msg"]
    return new["code"], f"cancelled, but not replaced: {new['msg']}"
