"""Conditions without a pack."""
