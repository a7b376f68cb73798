"""A client, in a process of its own: `python -m bench.client WAY`, its job on the input."""

from __future__ import annotations

import sys
from importlib import import_module

from .meter import read_job
from .ways.table import WAYS


def main(name: str) -> None:
    """Do the job in this way."""
    way = WAYS[name]
    module = import_module(f"bench.ways.{way.module}")
    getattr(module, way.function)(read_job(), **way.options)


if __name__ == "__main__":
    main(sys.argv[1])
