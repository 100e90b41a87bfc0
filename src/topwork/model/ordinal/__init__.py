"""A fitted model that predicts ordered classes, what it says and how good it is."""
