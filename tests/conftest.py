"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
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


FIGURE = "figure"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """Shows a measured figure in the closing summary, whichever process has measured it."""

    def show(name: str, value: object) -> None:
        record_property(FIGURE, f"{name}: {value}")

    return show


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was measured."""
    reports = [each for reports in terminalreporter.stats.values() for each in reports]
    figures = [
        str(value)
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == FIGURE
    ]
    if figures:
        terminalreporter.section("figures")
        for words in figures:
            terminalreporter.write_line(words)
