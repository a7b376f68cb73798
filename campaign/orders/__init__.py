"""Orders under faults: a bot with a journal places them, and each is to have exactly one fate."""
