"""Decisions about outright orders, over plain values."""
