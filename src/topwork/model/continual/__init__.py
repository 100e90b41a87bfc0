"""Models that go on from another."""
