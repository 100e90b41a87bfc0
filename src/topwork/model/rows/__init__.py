"""A fitted model that says which cluster a row of a table belongs to."""
