"""A recording played back instead of the seeded market."""
