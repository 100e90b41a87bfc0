"""Training: one loop, its objectives and batches, and the strategies on it."""
