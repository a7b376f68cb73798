"""What every room stands on.

`room` (an actor whose death is told), `supervisor`, `office` (a stable address), `inbox` (timers),
`reply` (answers that come later), `asyncio_bridge`, `journal` (the log), `exchange_clock`, `workers`,
`forks`, `exits`.
"""
