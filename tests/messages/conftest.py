"""Property tests here are pure: slow machines need no deadline, and nothing is kept on disk."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("machines", deadline=None, database=None, print_blob=True)
settings.load_profile("machines")
