"""Models in the formats of other runtimes, each with the proof that it answers the same."""
