"""What the commands do with models whose head predicts something else than classes."""
