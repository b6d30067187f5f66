"""No error, and hardly meant."""
