"""The machines: rules of the trade as plain values, without a thread, socket, clock or logger.

Whoever owns a machine says what time it is: `now` is an argument, in seconds of the monotonic
clock unless a name says `_ns`. Chance is an argument too. So every rule can be tested by itself.
"""
