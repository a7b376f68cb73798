"""What this process uses; on Linux and macOS."""

from __future__ import annotations

import gc
import os
import resource
import sys
import threading
from pathlib import Path

STATM = Path("/proc/self/statm")


def vitals() -> dict[str, int]:
    """Of this process: bytes of memory, objects that the collector follows, threads, descriptors."""
    gc.collect()
    return {
        "memory": _memory(),
        "objects": len(gc.get_objects()),
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/dev/fd")),
    }


def _memory() -> int:
    if STATM.exists():
        return int(STATM.read_text("ascii").split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
