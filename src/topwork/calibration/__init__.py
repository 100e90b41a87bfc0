"""Probabilities that mean what they say, and what is predicted in view of them."""
