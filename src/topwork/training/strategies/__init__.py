"""What of a network is trained: all of it, its end, or low-rank changes."""
