"""Texts: reading them."""
