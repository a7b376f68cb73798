"""`exchange-connector check`: options in, findings out, and the exit code."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

from rich.console import Console

from ...messages.errors import ConfigurationError
from ..output import say
from .examination import Examination
from .finding import Check, Finding, Report, summary, worst
from .render import json, line, table
from .settings import Options, configured

_MEND = "Mend it in the configuration's file or in the environment, whichever says so."
_FIRST = "The configuration comes first."


def run(options: Options, *, as_json: bool, seconds: float) -> int:
    """Check, and print what was found; the exit code.

    Raises:
        typer.BadParameter: Naming the option that is wrong.
    """
    began = time.monotonic()
    name, testnet = options.exchange or "", options.testnet
    findings: Iterable[Finding]
    try:
        config = configured(options, os.environ)
    except ConfigurationError as error:
        findings = _misconfigured(error)
    else:
        name, testnet = config.exchange.name, config.exchange.testnet
        findings = Examination(config, os.environ, seconds).findings()
    console = Console(highlight=False)
    is_plain = not (as_json or console.is_terminal)
    with nullcontext() if as_json or is_plain else console.status("checking"):
        made = tuple(_printed(findings) if is_plain else findings)
    report = Report(name, testnet, worst(made), round(time.monotonic() - began, 3), made)
    if as_json:
        say(json(report))
    elif is_plain:
        say(f"{report.verdict}: {summary(made)}, in {report.seconds:.1f} s")
    else:
        console.print(table(report))
    return report.exit_code


def _printed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same, each told as soon as it is made; the code is true also where nobody reads on."""
    for finding in findings:
        say(line(finding))
        yield finding


def _misconfigured(error: ConfigurationError) -> Iterator[Finding]:
    yield Finding.wrong(Check.CONFIGURATION, str(error), _MEND)
    for check in list(Check)[1:]:
        yield Finding.skipped(check, _FIRST)
