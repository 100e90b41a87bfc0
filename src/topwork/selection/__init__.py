"""Choosing between candidates."""
