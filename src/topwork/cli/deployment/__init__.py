"""Commands that use fitted models elsewhere."""
