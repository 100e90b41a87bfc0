"""Fitting models that predict from the columns of a table."""
