"""The engines that decide an audience: a file for each, and what they share."""
