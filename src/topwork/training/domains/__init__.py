"""Training on two domains, of which one has no labels."""
