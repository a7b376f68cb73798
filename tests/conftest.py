"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


class RootIsNoTestPackage:
    """Keep pytest from importing the root `__init__.py` under the checkout's folder name."""

    def pytest_collect_directory(
        self, path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        """Collect the root as a plain folder."""
        return pytest.Dir.from_parent(parent, path=path) if path == ROOT else None


def pytest_configure(config: pytest.Config) -> None:
    """Install it."""
    config.pluginmanager.register(RootIsNoTestPackage())
