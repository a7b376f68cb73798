"""The recovery: fetches what was missed of a stream, for whoever of its subscribers asks.

It asks `rest` for pages, behind all of the users' requests and within a request weight of its own.
What to ask for next, and what is still missing, is decided by `core.recovery`. Subscribers of one
stream that missed the same share what was fetched.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from ..core.newest import Newest, Told
from ..core.recovery import Allowance, Missing, Page, Recovery, Row
from ..core.sequence import Rule
from ..messages.base import Address, Request
from ..messages.config import RecoveryConfig
from ..messages.enums import Channel
from ..messages.errors import ExchangeError, ValidationError
from ..messages.market import Kline, MarketEvent, Trade
from ..messages.recovery import Recover, RecoverNewest
from ..messages.rooms import Fetch
from ..messages.streams import Stream
from ..venues.driver import Driver
from ..venues.questions import GetNewestTrades, GetPastKlines, GetPastTrades
from .base.reply import Reply
from .base.room import Lifeline, Room
from .feeds.recovering_kinds import AN_INSTANT

_SERVER_FAULT = 500
"""From this HTTP status on the exchange is at fault, and may answer the next time."""


class Job:
    """One range of one stream, and who waits for it; answers are kept until its time is over.

    Attributes:
        deadline: When they get what there is (monotonic seconds).
        is_asked: Whether a page is under way.
        outcome: What they get; None while it is not known.
    """

    def __init__(
        self,
        stream: Stream,
        end: int,
        recovery: Recovery[MarketEvent] | Newest[MarketEvent],
        deadline: float,
    ) -> None:
        self.stream, self.end, self.recovery, self.deadline = stream, end, recovery, deadline
        self._replies: list[Reply[Any]] = []
        self.is_asked = False
        self.outcome: tuple[MarketEvent | Missing, ...] | None = None

    def join(self, reply: Reply[Any]) -> None:
        """One more waits."""
        self._replies.append(reply)

    def settle(self) -> None:
        """Answer everybody, from any thread; what has not come by now is missing."""
        if self.outcome is None:
            self.outcome = self.recovery.outcome()
        replies, self._replies = self._replies, []
        for reply in replies:
            reply.tell(self.outcome)


Key = tuple[Stream, int | str, int | str]


class PageCame(msgspec.Struct, frozen=True, eq=False):
    """To the recovery, by itself: a page, or why there is none."""

    job: Job
    page: Page
    events: tuple[MarketEvent, ...]
    error: BaseException | None


class PageDue(msgspec.Struct, frozen=True, eq=False):
    """Time to look what may be asked for."""

    job: Job


class TimeOver(msgspec.Struct, frozen=True):
    """Nobody waits for this any more."""

    key: Key


class RecoveryActor(Room):
    """Fetches what was missed: `Recover`, `RecoverNewest`."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        driver: Driver,
        rest: Address[Any],
        config: RecoveryConfig,
    ) -> None:
        super().__init__(lifeline, root)
        self._driver, self._rest, self._config = driver, rest, config
        self._allowance = Allowance(config.max_weight)
        self._jobs: dict[Key, Job] = {}

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Recover() | RecoverNewest():
                self._take(message)
            case PageCame():
                self._came(message)
            case PageDue(job=job):
                self._go_on(job)
            case TimeOver(key=key):
                self._end(self._jobs.pop(key))
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Who waits gets what there is."""
        self.cut()

    def cut(self) -> None:
        """The same, from any thread."""
        for job in tuple(self._jobs.values()):
            job.settle()

    def _take(self, message: Recover | RecoverNewest) -> None:
        key = _key(message)
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = self._job(message)
            self.after(max(0.0, message.deadline - time.monotonic()), TimeOver(key))
        job.join(message.reply)
        if job.outcome is not None:
            self._end(job)
        else:
            self._go_on(job)

    def _job(self, message: Recover | RecoverNewest) -> Job:
        channel = message.stream.channel
        if isinstance(message, RecoverNewest):
            newest: Newest[MarketEvent] = Newest(
                message.after,
                message.before.trade_id,
                message.before.trade_time,
                page=self._driver.past[channel],
                most=self._config.max_trades,
            )
            return Job(message.stream, 0, newest, message.deadline)
        recovery: Recovery[MarketEvent] = Recovery(
            message.first,
            message.end,
            page=self._driver.past[channel],
            most=self._config.max_trades,
            is_counted=self._driver.rules.get(channel) is Rule.CONSECUTIVE,
        )
        return Job(message.stream, message.end, recovery, message.deadline)

    def _go_on(self, job: Job) -> None:
        """Ask for the next page, now or when that is allowed; or end it."""
        if job.outcome is not None or job.is_asked:
            return
        if job.recovery.is_over:
            self._end(job)
            return
        now, page = time.monotonic(), job.recovery.next_page()
        request = _request(job, page)
        weight = self._driver.endpoints[type(request)].weight(request)
        at = max(job.recovery.not_before, self._allowance.ready_at(weight, now))
        if at >= job.deadline:
            self._end(job)  # it would come too late
        elif at > now:
            self.after(at - now, PageDue(job))
        else:
            self._allowance.spend(weight, now)
            self._ask(job, page, request)

    def _ask(self, job: Job, page: Page, request: Request[Any]) -> None:
        job.is_asked = True
        address = self.address

        def answered(events: Any, error: BaseException | None) -> None:
            address.tell(PageCame(job, page, () if error is not None else events, error))

        self.send(self._rest, Fetch(request, Reply(answered), own=True))

    def _came(self, message: PageCame) -> None:
        job, now = message.job, time.monotonic()
        job.is_asked = False
        match message.error:
            case None:
                _take_page(job, message, now)
            case ValidationError():
                job.recovery.give_up()
            case ExchangeError(http_status=status) if status < _SERVER_FAULT:
                job.recovery.give_up()  # refused: asking again does not help
            case error:
                job.recovery.failed(now, getattr(error, "retry_after", 0.0))
        self._go_on(job)

    def _end(self, job: Job) -> None:
        with self.not_counted():  # what is answered may be delivered here
            job.settle()


def _key(message: Recover | RecoverNewest) -> Key:
    if isinstance(message, RecoverNewest):
        return message.stream, message.after[0], message.before.trade_id
    return message.stream, message.first, message.end


def _request(job: Job, page: Page) -> Request[Any]:
    stream = job.stream
    if isinstance(job.recovery, Newest):
        return GetNewestTrades(stream.symbol, page.limit)
    if stream.channel == Channel.TRADES:
        return GetPastTrades(stream.symbol, page.first, page.limit)
    return GetPastKlines(stream.symbol, stream.interval, page.first, job.end, page.limit)


def _take_page(job: Job, message: PageCame, now: float) -> None:
    if isinstance(job.recovery, Newest):
        job.recovery.take(map(_told, message.events), now)
    else:
        job.recovery.take(message.page, map(_row, message.events), now)


def _told(event: MarketEvent) -> Told[MarketEvent]:
    assert isinstance(event, Trade)
    return Told(event.trade_id, event.trade_time, event)


def _row(event: MarketEvent) -> Row[MarketEvent]:
    if isinstance(event, Trade):
        number = int(event.trade_id)
        return Row(number, number + 1, event)
    assert isinstance(event, Kline)
    return Row(event.open_time, event.close_time + AN_INSTANT, event)
