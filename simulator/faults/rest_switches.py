"""The switches for REST, and for the exchange's clock."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Literal

from .door import FaultDoor
from .kinds import (
    Answer,
    Ban,
    Delay,
    Drip,
    LagTrades,
    LoseAnswer,
    RefuseTimestamps,
    ResetRest,
    RestFault,
    SkewClock,
    StepClock,
)


class RestSwitches(FaultDoor):
    """Faults of REST requests.

    `path` is a path, or a pattern (`/api/v3/ticker/*`; `*` is any), with the HTTP method before it
    if only that is meant (`POST /api/v3/order`). Delays, lost answers and refused timestamps are
    also for the methods of Binance's websocket API (`order.place`). `count` is how many requests,
    `None` all until `clear`. Several for one path are used in the order they were given.
    """

    def answer(
        self,
        path: str,
        status: int = 200,
        body: str | bytes | dict[str, Any] | list[Any] = "{}",
        headers: dict[str, str] | None = None,
        count: int | None = 1,
    ) -> None:
        """Give this answer to the next `count` requests of `path` instead of the own one."""
        if count == 0:
            return
        coded = isinstance(body, bytes)
        content = b64encode(body).decode() if isinstance(body, bytes) else body
        self.apply(
            Answer(
                path=path,
                status=status,
                body=content,
                headers=headers or {},
                base64=coded,
                count=count,
            )
        )

    def delay(
        self,
        path: str,
        seconds: float,
        count: int | None = None,
        where: Literal["before", "after"] = "before",
    ) -> None:
        """Wait before the handler runs and reads its clock, or after, at `path`."""
        if count != 0:
            self.apply(Delay(path=path, seconds=seconds, count=count, where=where))

    def drip(self, path: str, bytes_per_second: float, count: int | None = None) -> None:
        """Send the bodies of `path` slowly."""
        if count != 0:
            self.apply(Drip(path=path, bytes_per_second=bytes_per_second, count=count))

    def reset_rest(self, path: str, count: int | None = 1) -> None:
        """Reset the connection instead of answering `path`; the request has no effect."""
        if count != 0:
            self.apply(ResetRest(path=path, count=count))

    def lose_answer(
        self,
        path: str,
        count: int | None = 1,
        status: int | None = None,
        *,
        done: bool = True,
        silent: bool = False,
    ) -> None:
        """Do what a request of `path` asks, and then reset the connection without an answer.

        With a `status` (5xx) it is answered with that and "execution status unknown" (-1007), or
        a server timeout (Bybit: 10000, also with 200, as most of what Bybit refuses); `silent`
        leaves the connection open and says nothing.
        Without `done` the client sees the same, and nothing of what it asks is done.
        """
        if count != 0:
            fault = LoseAnswer(path=path, count=count, status=status, done=done, silent=silent)
            self.apply(fault)

    def refuse_timestamps(self, path: str, count: int | None = 1, *, ahead: bool = False) -> None:
        """Refuse signed requests of `path` for their timestamp (-1021, Bybit: 10002)."""
        if count != 0:
            self.apply(RefuseTimestamps(path=path, count=count, ahead=ahead))

    def lag_trades(self, seconds: float) -> None:
        """Let REST tell of recent trades so much later than the stream; 0 ends that. Of Bybit."""
        self._clear_kinds(LagTrades)
        if seconds:
            self.apply(LagTrades(seconds=seconds))

    def clear(self, path: str | None = None) -> None:
        """End all faults of a REST path, or of all."""
        self._clear(lambda fault: isinstance(fault, RestFault) and path in (None, fault.path))

    def skew_clock(self, seconds: float) -> None:
        """Set the exchange's clock to this machine's, or that of `start_time`, plus `seconds`."""
        self.apply(SkewClock(seconds=seconds))

    def step_clock(self, seconds: float) -> None:
        """Move the exchange's clock by `seconds` at once."""
        self.apply(StepClock(seconds=seconds))

    def ban(self, seconds: float) -> None:
        """Answer every REST request with 418 (Bybit: 403) for `seconds`; 0 lifts a ban."""
        if seconds:
            self.apply(Ban(seconds=seconds))
        else:
            self._clear_kinds(Ban)
            self._server.call(self._box.meter.lift_all)  # also those that were earned
