"""Fitted models where they are used."""
