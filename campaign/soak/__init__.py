"""Everything at once and at random, for as long as one wants to wait."""
