"""Data that is laid out in folders."""
