"""The connector itself: `door` (`typed` for type checkers) and `root` are its halves.

Round them: `readiness`, `rollovers`, `hearsay` (floods, bounded), `recorded` (the recorder's part).
"""
