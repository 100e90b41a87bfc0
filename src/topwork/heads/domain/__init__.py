"""Heads that learn from unlabelled items of another domain, too."""
