"""The checks in their order; one that has failed makes those that rest on it senseless."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from ...messages.account import KeyRestrictions
from ...messages.config import Config
from ...messages.errors import ConnectorError
from ...messages.requests import GetHealth, GetKeyPermissions, GetKeyRestrictions, SyncClock
from ...venues import driver_of
from .answers import judge_clock, judge_limits, judge_rest, judge_stream
from .conversation import BUSY, Conversation, active_symbol, ping
from .finding import TITLES, Check, Finding, Verdict
from .measured import Blocked, PingFailed, Role, StreamDown, Target
from .network import is_open, judge_connection, judge_name, judge_no_proxy, judge_proxy
from .probes import connect, look_up, tunnel
from .rights import NO_KEY, judge_key

STEP = 4.0
"""Seconds that a step may take at most."""
_LEAST = 0.05
_LATE = "There was no time left: give it more with --timeout."
_NAME: dict[Role, Check] = {"REST": Check.REST_NAME, "stream": Check.STREAM_NAME}
_CONNECTION: dict[Role, Check] = {
    "REST": Check.REST_CONNECTION,
    "stream": Check.STREAM_CONNECTION,
}


class Examination:
    """Examines the way to one exchange.

    Args:
        seconds: For the whole; a connector's stop may take two more.
    """

    def __init__(self, config: Config, environ: Mapping[str, str], seconds: float) -> None:
        self._config, self._environ = config, environ
        self._driver = driver_of(config.exchange)
        self._deadline = time.monotonic() + seconds
        urls = self._driver.urls(config.exchange)
        self._targets = Target.of("REST", urls.rest), Target.of("stream", urls.stream)
        self._obstacles: dict[Role, str] = {}
        self._untold: dict[Check, str] = {}
        self._symbol = BUSY[config.exchange.name]

    def findings(self) -> Iterator[Finding]:
        """Each finding as soon as it is made."""
        yield self._configuration()
        yield self._proxy()
        for target in self._targets:
            yield self._name(target)
        for target in self._targets:
            yield self._connection(target)
        yield self._rest()
        checks = (Check.CLOCK, Check.LIMITS, Check.STREAM)
        senseless = [finding for check in checks if (finding := self._senseless(check)) is not None]
        if len(senseless) == len(checks):
            yield from senseless
            yield self._key(None)
            return
        with Conversation(self._config, STEP) as conversation:
            yield self._clock(conversation)
            yield self._limits(conversation)
            yield self._stream(conversation)
            yield self._key(conversation)

    # the way there

    def _configuration(self) -> Finding:
        exchange = self._config.exchange
        network = "its testnet" if exchange.testnet else "live"
        if exchange.rest_url and exchange.stream_url:
            network = "URLs of your own"
        rest, stream = self._targets
        name = exchange.name if exchange.market == "spot" else f"{exchange.name} {exchange.market}"
        figure = f"{name} ({network}): {rest.url} and {stream.url}"
        urls = {"rest_url": rest.url, "stream_url": stream.url}
        values = {"market": exchange.market, **urls}
        if bool(exchange.rest_url) != bool(exchange.stream_url):
            only = "rest_url" if exchange.rest_url else "stream_url"
            advice = f"Only {only} is set, so the two sides may be two exchanges: set both."
            return Finding.warning(Check.CONFIGURATION, figure, advice, **values)
        return Finding.ok(Check.CONFIGURATION, figure, **values)

    def _proxy(self) -> Finding:
        proxy = self._config.connection.proxy
        if not proxy:
            return judge_no_proxy(self._environ)
        tunnelled = [each for each in self._targets if each.is_secure or each.role == "stream"]
        answers = [(target, tunnel(proxy, target, self._left())) for target in tunnelled]
        for target, answer in answers:
            if isinstance(answer, Blocked):
                self._obstacles = dict.fromkeys(("REST", "stream"), "The proxy is not reached.")
            elif not is_open(answer):
                self._obstacles[target.role] = "The proxy opens no tunnel to it."
        reached = [each.seconds for _, each in answers if not isinstance(each, Blocked)]
        return judge_proxy(proxy, answers, min(reached, default=0.0))

    def _name(self, target: Target) -> Finding:
        check = _NAME[target.role]
        if self._config.connection.proxy:
            return Finding.skipped(check, "The proxy looks it up.")
        if (left := self._left()) < _LEAST:
            return self._late(check)
        outcome = None if target.is_address else look_up(target.host, left)
        return self._noted(judge_name(target, outcome), target.role)

    def _connection(self, target: Target) -> Finding:
        check, proxy = _CONNECTION[target.role], self._config.connection.proxy
        if target.role in self._obstacles:
            return Finding.skipped(check, self._obstacles[target.role])
        if proxy and target.role == "REST" and not target.is_secure:
            return Finding.skipped(check, "The proxy makes it.")
        if (left := self._left()) < _LEAST:
            return self._late(check)
        outcome = connect(target, left, proxy, self._config.connection.ca_file)
        return self._noted(judge_connection(target, outcome), target.role)

    # what is there

    def _rest(self) -> Finding:
        if (finding := self._senseless(Check.REST)) is not None:
            return finding
        outcome = ping(self._driver, self._config, self._left())
        finding = self._noted(judge_rest(outcome, self._config.exchange.name), "REST")
        if isinstance(outcome, PingFailed) and (outcome.wait is not None or outcome.status == 403):
            # Asking on would make a ban longer, and a connector asks by itself.
            silence = "The exchange wants silence from this address."
            self._obstacles["REST"] = silence
            self._obstacles.setdefault("stream", silence)
        return finding

    def _clock(self, conversation: Conversation) -> Finding:
        if (finding := self._senseless(Check.CLOCK)) is not None:
            return finding
        outcome = conversation.ask(SyncClock(), self._left())
        if isinstance(outcome, ConnectorError):  # a signature has the exchange's time in it
            self._untold[Check.KEY] = f"See {TITLES[Check.CLOCK]} above."
        return judge_clock(outcome, self._config.clock_sync, self._config.exchange.name)

    def _limits(self, conversation: Conversation) -> Finding:
        if (finding := self._senseless(Check.LIMITS)) is not None:
            return finding
        exchange = self._config.exchange.name
        info = conversation.exchange_info(self._left())
        health = conversation.ask(GetHealth(), self._left())
        if isinstance(health, ConnectorError):
            return Finding.wrong(Check.LIMITS, str(health), "Check again.")
        if not isinstance(info, ConnectorError):
            self._symbol = active_symbol(info.symbols, exchange)
        else:
            self._untold[Check.STREAM] = f"See {TITLES[Check.LIMITS]} above."
        limits = info if isinstance(info, ConnectorError) else info.rate_limits
        return judge_limits(limits, health, self._config.rate_limit, exchange)

    def _stream(self, conversation: Conversation) -> Finding:
        if (finding := self._senseless(Check.STREAM)) is not None:
            return finding
        outcome = conversation.watch(self._symbol, self._left())
        told = self._obstacles.get("REST") or self._untold.get(Check.STREAM)
        if told and isinstance(outcome, StreamDown) and not outcome.cause:
            # A subscription waits until REST has told, or refused to tell, what is listed.
            return Finding.skipped(Check.STREAM, told)
        return judge_stream(outcome, self._config.exchange.name)

    def _key(self, conversation: Conversation | None) -> Finding:
        exchange = self._config.exchange
        if not exchange.api_key:
            return Finding.skipped(Check.KEY, NO_KEY)
        finding = self._senseless(Check.KEY)
        if finding is not None or conversation is None:
            return finding or self._late(Check.KEY)
        account = conversation.ask(GetKeyPermissions(), self._left())
        key: KeyRestrictions | ConnectorError | None = None
        if not exchange.testnet and not isinstance(account, ConnectorError):
            key = conversation.ask(GetKeyRestrictions(), self._left())
        return judge_key(account, key, exchange.name, is_testnet=exchange.testnet)

    # order

    def _left(self) -> float:
        """Seconds for the next step."""
        return min(STEP, max(0.01, self._deadline - time.monotonic()))

    def _senseless(self, check: Check) -> Finding | None:
        """A finding where the check makes no sense any more."""
        obstacle = self._obstacles.get(_role(check))
        if obstacle is None and check is Check.KEY:
            obstacle = self._untold.get(Check.KEY)
        if obstacle is not None:
            return Finding.skipped(check, obstacle)
        return self._late(check) if self._left() < _LEAST else None

    def _late(self, check: Check) -> Finding:
        return Finding.skipped(check, _LATE)

    def _noted(self, finding: Finding, role: Role) -> Finding:
        """What is wrong stands in the way of what follows."""
        if finding.verdict is Verdict.WRONG:
            self._obstacles[role] = f"See {TITLES[finding.check]} above."
        return finding


def _role(check: Check) -> Role:
    return "stream" if check is Check.STREAM else "REST"
