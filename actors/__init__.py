"""The rooms: one actor a file, each a match on its messages round a machine of `core/`."""
