"""A whole audience at once."""
