"""Decisions about webhooks, over plain values."""
