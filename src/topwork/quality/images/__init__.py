"""Which images were made from one another, and which are odd."""
