"""Papers of outright orders."""
