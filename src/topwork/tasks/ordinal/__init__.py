"""Ordered classes: their head, predictions and scores."""
