"""Lays out the wheel file by file, where rules for folders are not enough.

An editable install needs none of it: its links (`.editable`) show each file where it belongs.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FilesOfTheWheel(BuildHookInterface[Any]):
    """Puts each file of the hook's table `files` where the table says."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        if version != "editable":
            build_data["force_include"].update(self.config["files"])
