"""Tests of what fits report."""
