"""Which extras a command needs, and whether they are installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

MODULES = {"typer": "cli", "rich": "cli", "aiohttp": "simulator"}
"""Of each extra, the modules that the commands import."""
NEEDS = {
    "demo": ("cli", "simulator"),
    "simulate": ("cli", "simulator"),
    "watch": ("cli",),
    "check": ("cli",),
    "campaign": ("cli", "simulator"),
    "replay": ("cli",),
}
"""The extras of each command; any other needs `cli`."""


def advice(arguments: Sequence[str]) -> str:
    """What to install for the command that `arguments` name; "" where nothing is missing."""
    command = next((each for each in arguments if not each.startswith("-")), "")
    needed = NEEDS.get(command, ("cli",))
    if all(_is_there(module) for module, extra in MODULES.items() if extra in needed):
        return ""
    what = f"the command {command}" if command in NEEDS else "the command line"
    return f"{what} needs: pip install 'exchange-connector[{','.join(needed)}]'"


def _is_there(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True
