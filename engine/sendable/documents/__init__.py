"""YAML with a place for everything."""
