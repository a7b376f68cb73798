"""Frames of the account, one by one; and hostile ones."""

from __future__ import annotations

import json
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.account import Balance, Fill, Order
from exchange_connector.messages.enums import OrderStatus, OrderType, Side, TimeInForce
from exchange_connector.messages.errors import AuthenticationError, ExchangeError, RateLimitError
from exchange_connector.venues.account import (
    NOBODYS,
    AccountAnswer,
    AccountChanged,
    AccountControl,
    AccountEnded,
    AccountEvents,
    LimitCount,
)
from exchange_connector.venues.binance.account import ACCOUNT
from exchange_connector.venues.control import Notice
from exchange_connector.venues.driver import MalformedError

D = Decimal
RECEIVED = 1_700_000_000_123_456_789
AT = 1_499_405_658_658

REPORT: dict[str, Any] = {
    "e": "executionReport",
    "E": AT,
    "s": "ETHBTC",
    "c": "mine",
    "S": "BUY",
    "o": "LIMIT",
    "f": "GTC",
    "q": "2.00000000",
    "p": "0.10264410",
    "P": "0.00000000",
    "F": "0.00000000",
    "g": -1,
    "C": "",
    "x": "NEW",
    "X": "NEW",
    "r": "NONE",
    "i": 4293153,
    "l": "0.00000000",
    "z": "0.00000000",
    "L": "0.00000000",
    "n": "0",
    "N": None,
    "T": AT - 1,
    "t": -1,
    "I": 8641984,
    "w": True,
    "m": False,
    "M": False,
    "O": AT - 1,
    "Z": "0.00000000",
    "Y": "0.00000000",
    "Q": "0.00000000",
    "W": AT - 1,
    "V": "NONE",
}
TRADE = {
    **REPORT,
    "x": "TRADE",
    "X": "PARTIALLY_FILLED",
    "l": "1.00000000",
    "z": "1.50000000",
    "L": "0.10000000",
    "n": "0.00000010",
    "N": "BNB",
    "t": 77,
    "m": True,
    "Z": "0.15500000",
    "Y": "0.10000000",
}
POSITION = {
    "e": "outboundAccountPosition",
    "E": AT,
    "u": AT - 1,
    "B": [{"a": "ETH", "f": "1.50", "l": "0.5"}, {"a": "币安", "f": "0", "l": "0"}],
}
CHANGE = {"e": "balanceUpdate", "E": AT, "a": "BTC", "d": "-100.00", "T": AT - 1}


def read(content: object) -> AccountControl:
    """What a frame is."""
    return ACCOUNT.control(json.dumps(content).encode(), RECEIVED)


def happened(event: dict[str, Any], **changed: Any) -> AccountControl:
    """What an event says."""
    return read({"subscriptionId": 0, "event": {**event, **changed}})


def order_in(content: AccountControl) -> Order:
    """The order that an event is about."""
    assert isinstance(content, AccountEvents)
    order = content.events[0]
    assert isinstance(order, Order)
    return order


def test_an_execution_is_an_order_and_its_fill() -> None:
    """With exactly the digits that were sent."""
    content = happened(TRADE)
    at, changed = AT * 1_000_000, (AT - 1) * 1_000_000
    base = ("binance", "ETHBTC", at, RECEIVED)
    order = Order(
        *base,
        *("4293153", "mine", "BUY", "LIMIT", "PARTIALLY_FILLED"),
        *(D("0.10264410"), D("2.00000000"), D("1.50000000"), D("0.15500000")),
        *(D("0.1033333333333333333333333333333333"), "GTC", changed),
    )
    fill = Fill(
        *base,
        *("77", "4293153", "mine", "BUY"),
        *(D("0.10000000"), D("1.00000000"), D("0.00000010")),
        *("BNB", True, changed),
    )
    assert content == AccountEvents((order, fill))
    found = order_in(content)
    kinds = (type(each) for each in (found.side, found.type, found.status, found.time_in_force))
    assert tuple(kinds) == (Side, OrderType, OrderStatus, TimeInForce)
    assert str(found.executed_quantity) == "1.50000000"


def test_what_was_not_executed_has_no_average_and_no_fill() -> None:
    """An event for each change of the order."""
    content = happened(REPORT)
    assert isinstance(content, AccountEvents)
    assert len(content.events) == 1
    assert order_in(content).average_price is None


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"x": "CANCELED", "X": "CANCELED", "c": "the-cancel", "C": "mine"}, "mine"),
        ({"x": "CANCELED", "X": "CANCELED", "c": "mine", "C": ""}, "mine"),
        ({"x": "EXPIRED", "X": "EXPIRED", "c": "mine", "C": ""}, "mine"),
        ({"x": "REPLACED", "c": "renamed", "C": "mine"}, "renamed"),
    ],
)
def test_a_cancelled_order_keeps_its_own_id(changed: dict[str, str], name: str) -> None:
    """A cancellation has one of its own, in the order's place."""
    assert order_in(happened(REPORT, **changed)).client_order_id == name


@pytest.mark.parametrize(
    "changed",
    [
        {"o": "A_NEW_TYPE"},
        {"X": "A_NEW_STATUS"},
        {"f": "A_NEW_ONE"},
        {"S": "BOTH"},
        {"x": "A_NEW_EXECUTION"},
        {"zz": 1},
        {"P": {"any": ["thing"]}, "new": None},
    ],
)
def test_what_is_new_is_kept_as_text_and_counted(changed: dict[str, Any]) -> None:
    """Never an error."""
    content = happened(REPORT, **changed)
    assert isinstance(content, AccountEvents)
    assert content.has_drifted
    order = order_in(content)
    texts = order.type, order.status, order.time_in_force, order.side
    new = {value for key, value in changed.items() if key in "oXfS"}
    assert new <= set(texts)


def test_an_iceberg_says_how_much_of_it_shows() -> None:
    """0 is an order that is none; so is one of which nothing is said."""
    assert order_in(happened(REPORT, F="0.50000000")).iceberg_quantity == D("0.5")
    assert order_in(happened(REPORT)).iceberg_quantity is None
    silent = {name: value for name, value in REPORT.items() if name != "F"}
    assert order_in(happened(silent)).iceberg_quantity is None


def test_every_conditional_field_is_known() -> None:
    """Those of icebergs, trailing stops, strategies, pegs, prevented trades and expiries."""
    names = [
        "d",
        "D",
        "j",
        "J",
        "v",
        "A",
        "B",
        "u",
        "U",
        "Cs",
        "pl",
        "pL",
        "pY",
        "W",
        "b",
        "a",
        "k",
        "uS",
        "gP",
        "gOT",
        "gOV",
        "gp",
        "eR",
    ]
    content = happened(REPORT, **dict.fromkeys(names, 1))
    assert isinstance(content, AccountEvents)
    assert not content.has_drifted


def test_an_allocation_has_a_name_of_its_own() -> None:
    """Smart order routing gives no trade id, and two of them must not be one."""
    content = happened(TRADE, t=-1, a=12)
    assert isinstance(content, AccountEvents)
    assert isinstance(content.events[1], Fill)
    assert content.events[1].trade_id == "allocation-12"
    with pytest.raises(MalformedError):
        happened(TRADE, t=-1)


def test_a_commission_is_of_an_asset_unless_it_is_none() -> None:
    """The exchange sends null for it then."""
    free = happened(TRADE, n="0", N=None)
    assert isinstance(free, AccountEvents)
    assert isinstance(free.events[1], Fill)
    assert (free.events[1].commission, free.events[1].commission_asset) == (D(0), "")
    with pytest.raises(MalformedError):
        happened(TRADE, n="0.1", N=None)


def test_a_position_is_a_balance_of_each_asset() -> None:
    """In the exchange's order; assets may have names in any script."""
    at, changed = AT * 1_000_000, (AT - 1) * 1_000_000
    ether = Balance("binance", at, RECEIVED, "ETH", D("1.50"), D("0.5"), changed)
    other = Balance("binance", at, RECEIVED, "币安", D(0), D(0), changed)
    assert happened(POSITION) == AccountEvents((ether, other))
    drifted = happened({**POSITION, "B": [{"a": "ETH", "f": "1.50", "l": "0.5", "x": 1}]})
    assert drifted == AccountEvents((ether,), has_drifted=True)


def test_a_mere_change_says_of_which_asset() -> None:
    """Not how much there is: that is to be asked for."""
    assert happened(CHANGE) == AccountChanged("BTC", AT * 1_000_000)
    lock = {**CHANGE, "e": "externalLockUpdate", "new": 1}
    assert happened(lock) == AccountChanged("BTC", AT * 1_000_000, has_drifted=True)


def test_times_in_microseconds_are_understood() -> None:
    """As the URL may ask for them."""
    assert happened(CHANGE, E=AT * 1000 + 1) == AccountChanged("BTC", AT * 1_000_000 + 1000)


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        (
            *({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": AT}},),
            AccountEnded("eventStreamTerminated"),
        ),
        (
            *({"event": {"e": "serverShutdown", "E": AT}},),
            AccountEnded("serverShutdown", is_ending=True),
        ),
        ({"event": {"e": "listStatus", "E": AT}}, AccountEvents(())),
        ({"event": {"e": "aNewKind", "what": [1]}}, AccountEvents((), has_drifted=True)),
        (
            *({"id": None, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key."}},),
            AccountEnded(f"refused: {AuthenticationError(-2015, 'Invalid API-key.', 401)}"),
        ),
        (
            *({"id": None, "status": 400, "error": {"code": -1000, "msg": "What?"}},),
            Notice("refused: What? (code -1000, HTTP status 400)"),
        ),
    ],
)
def test_frames_about_the_session(frame: dict[str, Any], meaning: AccountControl) -> None:
    """What ends it, and what is to be ignored."""
    assert read(frame) == meaning


@pytest.mark.parametrize("status", [418, 429])
def test_silence_is_wanted_whatever_was_asked(status: int) -> None:
    """It is kept, though the frame does not say what it refuses."""
    error = {"code": -1003, "msg": "Too much.", "data": {"retryAfter": (AT + 5_000)}}
    answer = read({"id": None, "status": status, "error": error})
    assert isinstance(answer, AccountAnswer)
    assert (answer.id, answer.body) == (NOBODYS, None)
    assert answer.refusal is not None
    assert answer.refusal.wait is not None
    assert answer.refusal.wait > 0


RATES = [
    {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50, "count": 12},
    {
        "rateLimitType": "ORDERS",
        "interval": "DAY",
        "intervalNum": 1,
        "limit": 160000,
        "count": 4043,
    },
    {
        "rateLimitType": "REQUEST_WEIGHT",
        "interval": "MINUTE",
        "intervalNum": 1,
        "limit": 6000,
        "count": 321,
    },
]


def test_weight_is_that_of_a_minute() -> None:
    """The one that there is a limit for here."""
    other = {**RATES[2], "intervalNum": 5, "count": 900}
    content = read({"id": 5, "status": 200, "result": {}, "rateLimits": [other, *RATES]})
    assert isinstance(content, AccountAnswer)
    assert content.used_weight == 321


def test_an_answer_has_its_result_as_it_came_and_the_counts() -> None:
    """The bytes that the endpoint decodes."""
    frame = b'{"id":5,"status":200,"result":{"a": 1.50},"rateLimits":%s}'
    content = ACCOUNT.control(frame % json.dumps(RATES).encode(), RECEIVED)
    limits = LimitCount(10.0, 12, 50), LimitCount(86_400.0, 4043, 160_000)
    assert content == AccountAnswer(5, b'{"a": 1.50}', None, limits, 321)


@pytest.mark.parametrize(
    "rates",
    [
        None,
        "x",
        {},
        [1],
        [{**RATES[0], "count": "12"}],
        [{**RATES[0], "count": -1}],
        [{**RATES[0], "interval": "FORTNIGHT"}],
        [{**RATES[0], "limit": 10**30}],
    ],
)
def test_an_answer_is_not_lost_for_its_counts(rates: object) -> None:
    """They are left out if they cannot be read."""
    content = read({"id": 5, "status": 200, "result": {}, "rateLimits": rates})
    assert content == AccountAnswer(5, b"{}")


def test_a_refusal_is_as_by_rest() -> None:
    """Its kind, the status that stands for HTTP's, and its counts."""
    error: dict[str, Any] = {
        "code": -2010,
        "msg": "Account has insufficient balance for requested action.",
    }
    content = read({"id": 1, "status": 400, "error": error, "rateLimits": RATES[2:]})
    assert isinstance(content, AccountAnswer)
    assert content.refusal is not None
    assert content.refusal.error == ExchangeError(-2010, error["msg"], 400, exchange="binance")
    assert (content.body, content.used_weight) == (None, 321)
    key = read({"id": 1, "status": 401, "error": {"code": -2015, "msg": "no"}})
    assert isinstance(key, AccountAnswer)
    assert key.refusal is not None
    assert isinstance(key.refusal.error, AuthenticationError)


@pytest.mark.parametrize(
    ("status", "code", "later_ms", "wait", "is_address"),
    [
        (429, -1003, 5_000, 5.0, True),
        (418, -1003, 7_200_000, 7200.0, True),
        (429, -1015, 3_000, 3.0, False),
        (429, -1003, -5_000, 1.0, True),
    ],
)
def test_until_when_to_wait_is_an_instant_there(
    status: int, code: int, later_ms: int, wait: float, is_address: bool
) -> None:
    """In milliseconds since the epoch; too many orders are the account's affair only."""
    now_ms = RECEIVED // 1_000_000
    error = {"code": code, "msg": "Too much.", "data": {"retryAfter": now_ms + later_ms}}
    content = read({"id": 1, "status": status, "error": error})
    assert isinstance(content, AccountAnswer)
    refusal = content.refusal
    assert refusal is not None
    assert isinstance(refusal.error, RateLimitError)
    assert refusal.error.code == code
    assert refusal.error.retry_after == pytest.approx(wait, abs=0.01)
    assert (refusal.wait is not None) is is_address


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"id": 1},
        {"id": 1, "status": 200},
        {"id": 1, "status": 200, "result": None},
        {"id": 1, "result": {}},
        {"id": 1, "status": 500, "result": {}},
        {"id": "a", "status": 200, "result": {}},
        {"id": None, "status": 200, "result": {}},
        {"id": "a", "status": 400, "error": {"code": -1, "msg": ""}},
        {"id": 1, "status": 200, "error": {"code": -1, "msg": ""}},
        {"id": 1.5, "status": 200, "result": {}},
        {"event": {}},
        {"event": []},
        {"event": {"e": 1}},
        {"e": "executionReport"},
        [],
        7,
        "executionReport",
    ],
)
def test_what_is_neither_is_malformed(frame: object) -> None:
    """An old flat event too, whose way no longer exists."""
    with pytest.raises(MalformedError):
        read(frame)


NUMBERS = [(name, TRADE) for name in "qplzLnZ"] + [("d", CHANGE)]
BAD_NUMBERS: tuple[object, ...] = (
    *("NaN", "Infinity", "1e5", "+1", ".5", "1.", " 1", "1_000", "", "1,5", "0x1"),
    *("\u0661", 1, 1.5, None, True, ["1"], {}),
)


@pytest.mark.parametrize(("name", "event"), NUMBERS)
@pytest.mark.parametrize("value", BAD_NUMBERS, ids=repr)
def test_a_number_is_digits_or_malformed(name: str, event: dict[str, Any], value: object) -> None:
    """Nothing that `Decimal` would take besides."""
    with pytest.raises(MalformedError):
        happened(event, **{name: value})
    with pytest.raises(MalformedError):
        happened({**POSITION, "B": [{"a": "ETH", "f": "1", "l": value}]})


@pytest.mark.parametrize("name", list("EscSofqpxXilzLnTtmZ"))
def test_what_is_read_of_an_execution_has_to_be_there(name: str) -> None:
    """And of its kind."""
    lacking = {key: value for key, value in TRADE.items() if key != name}
    with pytest.raises(MalformedError):
        read({"event": lacking})
    with pytest.raises(MalformedError):
        happened(TRADE, **{name: [1]})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from([TRADE, REPORT, POSITION, CHANGE]), st.data())
def test_a_distorted_event_is_read_or_malformed(event: dict[str, Any], data: st.DataObject) -> None:
    """Nothing else is ever raised, and all that comes of it are finite numbers."""
    name = data.draw(st.sampled_from(sorted(event)))
    try:
        content = happened(event, **{name: data.draw(anything)})
    except MalformedError:
        return
    if isinstance(content, AccountEvents):
        for each in content.events:
            values = (getattr(each, field) for field in each.__struct_fields__)
            numbers = [value for value in values if isinstance(value, Decimal)]
            assert numbers
            assert all(number.is_finite() for number in numbers)


@given(st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_frame_or_malformed(frame: bytes) -> None:
    """Never another exception."""
    try:
        ACCOUNT.control(frame, RECEIVED)
    except MalformedError as error:
        assert str(error)  # noqa: PT017 - that it has a reason


def test_the_users_context_changes_nothing() -> None:
    """Whatever it says."""
    plain = happened(TRADE)
    with localcontext(Context(prec=1, rounding=ROUND_UP, traps=[Inexact])):
        assert happened(TRADE) == plain
