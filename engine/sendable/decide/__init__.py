"""One context in, one decision out."""
