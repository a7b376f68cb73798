"""When the market's steps and ticks are due, and what time it is then.

The time is nominal: step n happens at the begin plus n / rate, whenever the machine gets to it.
"""

from __future__ import annotations

from .clock import Clock

MOST_LATE_US = 1_000_000


class Pace:
    """Counts steps, and ticks of `tick_ms` each.

    Where the machine is late by more than a second, or the market was held, the begin moves on to
    the clock; a clock that waits for the market is set back instead.
    """

    def __init__(self, rate: float, clock: Clock, tick_ms: int = 100) -> None:
        self.steps = 0
        self.ticks = 0
        self._tick_ms = tick_ms
        self._tick_us = tick_ms * 1_000
        self._rate = rate
        self._clock = clock
        self._begin_us = clock.begin_us
        self._now_us = self._begin_us
        clock.wait_at(self._begin_us)

    @property
    def now_us(self) -> int:
        """The time of the last step or tick, as the exchange's clock has it."""
        return self._clock.skewed(self._now_us)

    def before(self, steps: int) -> int:
        """When the step was that is `steps` before the first one."""
        return self._clock.skewed(self._begin_us - self._after(steps))

    @property
    def is_step_next(self) -> bool:
        """Whether a step comes before the next tick, or together with it."""
        return self._after(self.steps + 1) <= (self.ticks + 1) * self._tick_us

    def wait_us(self) -> int:
        """How long it is until something is due; 0 or less if it is."""
        return self._next_us() - self._clock.true_us()

    def catch_up(self) -> None:
        """Give up what is too late to be made up for."""
        late_us = -self.wait_us()
        if -self._tick_us <= late_us <= MOST_LATE_US:
            return
        if self._clock.waits:
            self._clock.move(-late_us)
        else:
            self._begin_us += late_us

    def step(self) -> int:
        """Make a step; return its time."""
        self._now_us = self._next_us()
        self.steps += 1
        return self._passed()

    def tick(self) -> int:
        """Make a tick; return the milliseconds since the begin."""
        self._now_us = self._next_us()
        self.ticks += 1
        self._passed()
        return self.ticks * self._tick_ms

    def _passed(self) -> int:
        """The clock is never behind the market, not even where steps are made by hand."""
        clock = self._clock
        if clock.true_us() < self._now_us:
            clock.move(self._now_us - clock.true_us())
        clock.wait_at(self._next_us())
        return self.now_us

    def _next_us(self) -> int:
        return self._begin_us + min(self._after(self.steps + 1), (self.ticks + 1) * self._tick_us)

    def _after(self, steps: int) -> int:
        """How long `steps` take."""
        return int(steps * 1_000_000 / self._rate)
