"""The commands: `exchange-connector demo | watch | simulate | replay | check | campaign`.

This module works without the extras; a command whose extra is missing says which to install.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from .extras import advice
from .output import prepare

PROGRAM = "exchange-connector"
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C has ended."""


def main() -> None:
    """Run the command that `sys.argv` names, and exit with its code."""
    prepare()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is leaving
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name; its exit code."""
    if list(arguments) == ["--version"]:
        from .. import __version__

        print(PROGRAM, __version__)
        return 0
    missing = advice(arguments)
    if missing:
        print(f"{PROGRAM}: {missing}", file=sys.stderr)
        return 2
    from .app import invoke

    return invoke(arguments)
