"""A fitted model that says which cluster an item belongs to."""
