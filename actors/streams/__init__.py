"""What the registry knows.

`desk` (what users want), `stream_table` (which session carries what), `publisher`, `symbols`,
`freshness` (which streams are silent), `book_line`.
"""
