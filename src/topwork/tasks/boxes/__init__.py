"""Objects and where they are in an image."""
