"""What the tests of the exchanges share: frames and bodies that the exchanges really sent."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Pure tests: slow machines need no deadline, and nothing is kept on disk.
settings.register_profile("machines", deadline=None, database=None, print_blob=True)
settings.load_profile("machines")

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures"

Lines = Callable[[str], Iterator[dict[str, Any]]]


@pytest.fixture(scope="session")
def lines() -> Lines:
    """The lines of a recorded or documented file; skips where it is absent."""

    def read(name: str) -> Iterator[dict[str, Any]]:
        path = FIXTURES / name
        if not path.is_file():
            pytest.skip(f"shared/fixtures/{name} is not here")
        data = path.read_bytes()
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
        return (json.loads(line) for line in text.splitlines())

    return read


@pytest.fixture(scope="session")
def vectors() -> list[dict[str, Any]]:
    """The published signatures; skips where they are absent."""
    path = FIXTURES.parent / "signing_vectors.json"
    if not path.is_file():
        pytest.skip("shared/signing_vectors.json is not here")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return [*document["vectors"], *document["derived_not_official"]]
