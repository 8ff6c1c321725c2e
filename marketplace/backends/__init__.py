"""Doors to the outside, chosen by URL settings."""
