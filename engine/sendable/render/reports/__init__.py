"""What other programs read: a module for each format."""
