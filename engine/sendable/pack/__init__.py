"""A pack as files and as data."""
