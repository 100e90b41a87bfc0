"""How good a model is on other data."""
