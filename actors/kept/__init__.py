"""The order books that are kept: `kept_book`, `book_streams`, `snapshots`."""
