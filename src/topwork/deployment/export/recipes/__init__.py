"""Files that go with an exported model: they need its runtime and numpy, not topwork."""
