"""Several labels for each item: folds, heads, thresholds, scores."""
