"""The check of boxes around objects."""
