"""Networks with a tower for images and one for texts, whose features can be compared."""
