"""What a check has found: a mark, a figure, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec


class Check(StrEnum):
    """What is checked, in this order; the values are the names in JSON."""

    CONFIGURATION = "configuration"
    PROXY = "proxy"
    REST_NAME = "rest_name"
    STREAM_NAME = "stream_name"
    REST_CONNECTION = "rest_connection"
    STREAM_CONNECTION = "stream_connection"
    REST = "rest"
    CLOCK = "clock"
    LIMITS = "limits"
    STREAM = "stream"
    KEY = "key"


TITLES = {
    Check.CONFIGURATION: "configuration",
    Check.PROXY: "proxy",
    Check.REST_NAME: "REST host name",
    Check.STREAM_NAME: "stream host name",
    Check.REST_CONNECTION: "REST connection",
    Check.STREAM_CONNECTION: "stream connection",
    Check.REST: "REST answers",
    Check.CLOCK: "clock",
    Check.LIMITS: "request limits",
    Check.STREAM: "stream events",
    Check.KEY: "key",
}
"""What the checks are called where people read."""


class Verdict(StrEnum):
    """How it is; a warning lets a bot run."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    SKIPPED = "skipped"


Value = str | int | float | bool | None


class Finding(msgspec.Struct, frozen=True):
    """What one check has found.

    Attributes:
        figure: What was measured, in words.
        advice: What to do about it, a sentence; "" where all is well.
        values: What was measured, for programs; each name has its unit.
    """

    check: Check
    verdict: Verdict
    figure: str = ""
    advice: str = ""
    values: dict[str, Value] = {}

    @classmethod
    def ok(cls, check: Check, figure: str, **values: Value) -> Finding:
        """All is well."""
        return cls(check, Verdict.OK, figure, "", values)

    @classmethod
    def warning(cls, check: Check, figure: str, advice: str, **values: Value) -> Finding:
        """A bot can run, but somebody should look at this."""
        return cls(check, Verdict.WARNING, figure, advice, values)

    @classmethod
    def wrong(cls, check: Check, figure: str, advice: str, **values: Value) -> Finding:
        """A bot cannot run like this."""
        return cls(check, Verdict.WRONG, figure, advice, values)

    @classmethod
    def skipped(cls, check: Check, reason: str) -> Finding:
        """Not checked, and why."""
        return cls(check, Verdict.SKIPPED, "", reason)


class Report(msgspec.Struct, frozen=True):
    """All findings, in order.

    Attributes:
        verdict: The worst of them, `skipped` aside.
        seconds: How long it took.
    """

    exchange: str
    testnet: bool
    verdict: Verdict
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0, or 1 where something is wrong."""
        return 1 if self.verdict is Verdict.WRONG else 0


def worst(findings: Sequence[Finding]) -> Verdict:
    """The worst verdict; what was skipped is neither good nor bad."""
    verdicts = {finding.verdict for finding in findings}
    return next((each for each in (Verdict.WRONG, Verdict.WARNING) if each in verdicts), Verdict.OK)


def summary(findings: Sequence[Finding]) -> str:
    """How many of which, in words.

    >>> summary([Finding.ok(Check.REST, "12 ms"), Finding.skipped(Check.KEY, "No key is set.")])
    '1 ok, 1 skipped'
    """
    counts = {verdict: sum(each.verdict is verdict for each in findings) for verdict in Verdict}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def milliseconds(seconds: float) -> str:
    """A short time, in words.

    >>> milliseconds(0.0123), milliseconds(0.0002)
    ('12 ms', 'less than 1 ms')
    """
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "less than 1 ms"
