"""Labelling item by item: what was answered, what is asked next, and where it is kept."""
