"""Candidates that were evaluated, baselines among them."""
