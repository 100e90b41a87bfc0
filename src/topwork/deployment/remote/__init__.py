"""A model that is served elsewhere, asked from Python."""
