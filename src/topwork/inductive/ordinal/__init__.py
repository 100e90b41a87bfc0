"""Fitting models that predict ordered classes."""
