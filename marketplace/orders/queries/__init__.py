"""Every read of outright orders."""
