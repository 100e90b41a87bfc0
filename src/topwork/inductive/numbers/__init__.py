"""Fitting models that predict numbers."""
