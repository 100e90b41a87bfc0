"""What a fit of boxes found: evidence, result and report."""
