"""The rungs of the ladder: wider features, training, and a blend of both."""
