"""Fitted models where they are used: watching a source, live."""
