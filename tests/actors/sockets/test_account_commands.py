"""Commands over the account's connection: each is answered once, however the connection ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector import ExchangeConfig, ExchangeConnectionError, GetOpenOrders
from exchange_connector.actors.base.exchange_clock import ExchangeClock
from exchange_connector.actors.base.office import Notebook
from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.trading.commands import AnswerAwaited, Commands, NotConnectedError
from exchange_connector.messages.config import ClockSyncConfig
from exchange_connector.messages.trading import Command
from exchange_connector.venues import driver_of
from exchange_connector.venues.account import AccountAnswer

EMPTY = b'{"id":1,"status":200,"result":[]}'


class Way:
    """A connection that notes what is to be sent, and what happens to it meanwhile."""

    def __init__(self, takes: bool = True) -> None:
        self.sent: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self._takes = takes

    def post(self, text: str) -> bool:
        """Take it, or not."""
        self.meanwhile()
        if self._takes:
            self.sent.append(text)
        return self._takes


class Asked:
    """Commands, the session that they tell of deadlines, and what has come of each."""

    def __init__(self) -> None:
        config = ExchangeConfig(name="binance", api_key="key", api_secret="secret")
        driver = driver_of(config)
        assert driver.account is not None
        signer = driver.account.signer(config)
        assert signer is not None
        self.session = Notebook()
        clock = ExchangeClock(ClockSyncConfig())
        self.silence = 0.0
        self.commands = Commands(
            driver,
            signer,
            clock=clock,
            silence=lambda _: self.silence,
            name="account-session",
            session=self.session,
        )
        self.outcomes: list[Any] = []

    def ask(self, seconds: float = 5.0) -> None:
        """Have one sent."""
        reply: Reply[Any] = Reply(lambda value, error: self.outcomes.append(error or value))
        self.commands.tell(Command(GetOpenOrders(), time.monotonic() + seconds, reply))


@pytest.fixture
def asked() -> Asked:
    """Without a connection yet."""
    return Asked()


def test_without_a_connection(asked: Asked) -> None:
    """Nothing was sent, and whoever asks may go another way."""
    asked.ask()
    assert isinstance(asked.outcomes[0], NotConnectedError)
    assert asked.session.messages == []


def test_a_connection_that_takes_no_more(asked: Asked) -> None:
    """The same."""
    asked.commands.way = Way(takes=False)
    asked.ask()
    assert [type(each) for each in asked.outcomes] == [NotConnectedError]


def test_an_answer(asked: Asked) -> None:
    """By its id, once; the session knows until when it is waited for."""
    asked.commands.way = way = Way()
    asked.ask()
    assert (len(way.sent), asked.outcomes) == (1, [])
    (awaited,) = asked.session.messages
    assert isinstance(awaited, AnswerAwaited)
    answer = AccountAnswer(awaited.id, b"[]")
    assert asked.commands.answered(answer)
    assert not asked.commands.answered(answer)
    asked.commands.overdue(awaited.id)
    assert asked.outcomes == [()]


def test_an_answer_that_comes_before_the_sender_is_back(asked: Asked) -> None:
    """The thread of the connection may be the quicker one."""
    asked.commands.way = way = Way()
    way.meanwhile = lambda: asked.commands.answered(AccountAnswer(1, b"[]"))
    asked.ask()
    assert asked.outcomes == [()]


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_connection_that_is_lost_while_one_is_sent(asked: Asked, is_replaced: bool) -> None:
    """Whoever fails what was under way may have looked before this one was: it fails all the same."""
    asked.commands.way = way = Way()

    def lose() -> None:
        asked.commands.fail(way, "lost")
        asked.commands.way = Way() if is_replaced else None

    way.meanwhile = lose
    asked.ask()
    (error,) = asked.outcomes
    assert isinstance(error, ExchangeConnectionError)
    assert not isinstance(error, NotConnectedError)  # it may have been sent


def test_only_those_of_the_lost_connection(asked: Asked) -> None:
    """What was sent on another is still waited for."""
    old, new = Way(), Way()
    for way in (old, new):
        asked.commands.way = way
        asked.ask()
    asked.commands.fail(old, "lost")
    assert len(asked.outcomes) == 1
    asked.commands.fail(None, "stopped")
    assert [type(each) for each in asked.outcomes] == [ExchangeConnectionError] * 2


def test_one_that_comes_too_late_to_be_sent(asked: Asked) -> None:
    """It would be carried out after all is believed to be over."""
    asked.commands.way = way = Way()
    asked.ask(seconds=-1.0)
    assert way.sent == []
    assert isinstance(asked.outcomes[0], ExchangeConnectionError)
