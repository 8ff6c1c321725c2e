"""Every write of outright orders."""
