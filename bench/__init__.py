"""Measures Etalase beside the bare limit of the same work, in one run: `make bench`."""
