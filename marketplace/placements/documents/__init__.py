"""Papers of placements."""
