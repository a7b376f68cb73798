"""The flight recorder: `tape` (what is kept), `recording_file`, `redaction`."""
