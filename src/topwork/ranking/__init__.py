"""Which backbone suits the data, and at what cost."""
