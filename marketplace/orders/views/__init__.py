"""Pages of outright orders."""
