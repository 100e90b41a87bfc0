"""Fitting models that predict several labels per item."""
