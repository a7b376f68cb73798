"""What Bybit's refusals mean."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.errors import (
    AuthenticationError,
    ExchangeError,
    RateLimitError,
)
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.bybit.errors import HINTS
from exchange_connector.venues.control import Refusal

Lines = Callable[[str], Iterator[dict[str, Any]]]

NOW = 1_700_000_000.0


def refusal(status: int, body: object = b"", headers: dict[str, str] | None = None) -> Refusal:
    """The refusal in an answer that is one."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    meaning = SPOT.refusal(status, headers or {}, data, NOW)
    assert meaning is not None
    assert meaning == LINEAR.refusal(status, headers or {}, data, NOW)
    assert meaning.error.exchange == "bybit"
    return meaning


def coded(code: int, message: str = "no") -> dict[str, Any]:
    """A body as the exchange writes it."""
    return {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": 1}


@pytest.mark.parametrize(
    "body",
    [
        b'{"retCode":0,"retMsg":"OK","result":{}}',
        b' { "retMsg" : "OK", "retCode" : 0 } ',
        b'{"time":1,"retCode":0}',
        # What is no answer of its API is refused by whoever decodes it.
        *(b"", b"<html>", b"{}", b"[]", b"null", b'{"retCode":"10001"}'),
    ],
)
def test_a_success_is_no_refusal(body: bytes) -> None:
    """Whatever the order of its fields."""
    assert SPOT.refusal(200, {}, body, NOW) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *((10001, ExchangeError), (10029, ExchangeError), (110001, ExchangeError)),
        *((10002, ExchangeError), (-1, ExchangeError), (10016, ExchangeError)),
        *((code, AuthenticationError) for code in (10003, 10004, 10005, 10007, 10010, 33004)),
        (-2015, AuthenticationError),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_codes(code: int, kind: type[ExchangeError], status: int) -> None:
    """Mostly with HTTP status 200."""
    meaning = refusal(status, coded(code, "words"))
    assert type(meaning.error) is kind
    hint = f" ({HINTS[code]})" if code in HINTS else ""
    assert meaning.error == kind(code, f"words{hint}", status, exchange="bybit")
    assert meaning.wait is None
    assert meaning.is_failure == (code == 10016)
    assert meaning.clock_doubted == (code in (10002, -1))
    other_order = json.dumps(dict(reversed(coded(code, "words").items())), indent=2).encode()
    assert refusal(status, other_order) == meaning


def test_the_quick_look_is_no_short_look() -> None:
    """Only a whole 0 is a success, and only with a status that is one."""
    assert refusal(200, b'{"retCode":5,"retMsg":""}').error == (
        ExchangeError(5, "", 200, exchange="bybit")
    )
    assert refusal(500, coded(0)).is_failure


@pytest.mark.parametrize(
    ("status", "body", "is_failure"),
    [
        (500, b"", True),
        (502, b"<html>", True),
        (503, coded(10003), True),
        (200, coded(10000), True),
        (200, coded(10016), True),
        (404, b"", False),
        (400, b"", False),
        (302, b"", False),
    ],
)
def test_what_counts_as_a_failure(status: int, body: object, is_failure: bool) -> None:
    """The exchange's own trouble."""
    meaning = refusal(status, body)
    assert type(meaning.error) is ExchangeError
    assert meaning.error.http_status == status
    assert meaning.is_failure is is_failure


def test_without_a_key_that_counts() -> None:
    """HTTP 401 comes without a code of the API's, or with one."""
    assert type(refusal(401).error) is AuthenticationError
    assert refusal(401, coded(7)).error == AuthenticationError(7, "no", 401, exchange="bybit")


@pytest.mark.parametrize(
    ("reset", "wait"),
    [
        (f"{int(NOW * 1000) + 700}", 0.7),
        (f"{int(NOW * 1000) - 5000}", 0.1),
        (f"{int(NOW * 1000) + 10**9}", 600.0),
        *((text, 1.0) for text in ("", "soon", "1e5", "9" * 40)),
        (None, 1.0),
    ],
)
def test_too_many_visits_of_one_endpoint(reset: str | None, wait: float) -> None:
    """Until the header's instant; all other requests may go on."""
    headers = {} if reset is None else {"x-bapi-limit-reset-timestamp": reset}
    meaning = refusal(200, coded(10006, "Too many visits!"), headers)
    assert isinstance(meaning.error, RateLimitError)
    assert meaning.error.retry_after == pytest.approx(wait)
    assert meaning.error.code == 10006
    assert (meaning.wait, meaning.is_failure) == (None, False)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>403 Forbidden: Access too frequent.</html>",
        b"access too\nfrequent",
        coded(10006, "403, access too frequent"),
    ],
)
def test_an_address_that_asked_too_often_is_shut_out(body: object) -> None:
    """For ten minutes, and for everything."""
    meaning = refusal(403, body)
    code = 10006 if isinstance(body, dict) else 403
    assert meaning.error == RateLimitError(600.0, code, exchange="bybit")
    assert meaning.wait == 600.0


def test_forbidden_for_another_reason() -> None:
    """An address in a country that Bybit does not serve, or a GET with a body."""
    meaning = refusal(403, b"<html>no</html>")
    assert meaning.error == ExchangeError(
        0,
        "forbidden: from where this address is, or as this request is made",
        403,
        exchange="bybit",
    )
    assert meaning.wait is None


@pytest.mark.parametrize(
    ("retry", "wait"), [("", 5.0), ("30", 30.0), ("0", 0.1), ("9" * 9, 86_400.0), ("x", 5.0)]
)
def test_overload(retry: str, wait: float) -> None:
    """HTTP 429 concerns everything; the code 429 one request."""
    meaning = refusal(429, b"", {"retry-after": retry})
    assert meaning.error == RateLimitError(wait, 429, exchange="bybit")
    assert meaning.wait == wait
    coded_one = refusal(200, coded(429))
    assert coded_one.error == RateLimitError(5.0, 429, exchange="bybit")
    assert coded_one.wait is None


def test_a_page_is_not_quoted() -> None:
    """It may hold the request's address or headers."""
    shown = str(refusal(404, b"<html>X-BAPI-API-KEY: secret</html>").error)
    assert "secret" not in shown
    assert "bytes" in shown


def test_documented_answers(lines: Lines) -> None:
    """Those of the documentation and of another library's samples: all but one are successes."""
    successes, codes = 0, list[int]()
    for name in (
        *("docs/bybit_market.jsonl", "docs/bybit_account.jsonl", "docs/bybit_trade.jsonl"),
        "samples/jkorf_bybit_v5_rest.jsonl",
    ):
        for line in lines(name):
            body = line["raw"].encode()
            meaning = SPOT.refusal(200, {}, body, NOW)
            if meaning is None:
                successes += 1
                continue
            assert isinstance(meaning.error, ExchangeError)
            assert meaning.error.code == json.loads(body)["retCode"]
            codes.append(meaning.error.code)
    assert (successes, codes) == (24 + 22 + 13 + 112 - 1, [3400045])


@given(
    st.integers(100, 999),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-bapi-limit-reset-timestamp"]), st.text(max_size=20)
    ),
    st.binary(max_size=40) | st.integers().map(lambda code: f'{{"retCode":{code}}}'.encode()),
)
def test_whatever_comes_has_a_meaning(status: int, headers: dict[str, str], body: bytes) -> None:
    """With bounded waits; and nothing else hangs on it."""
    meaning = SPOT.refusal(status, headers, body, NOW)
    if meaning is None:
        assert 200 <= status < 300
        return
    assert meaning.error.__context__ is None
    if isinstance(meaning.error, RateLimitError):
        assert 0 < meaning.error.retry_after <= 86_400
    assert meaning.wait is None or 0 < meaning.wait <= 86_400
    assert SPOT.used_weight(headers) is None
