"""The connector itself: `door` and `root` are its two halves, which `runtime.py` puts together.

Round them: `readiness`, `rollovers`, `hearsay` (floods, bounded), `recorded` (the recorder's part).
"""
