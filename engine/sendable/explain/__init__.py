"""Why, and what would change it."""
