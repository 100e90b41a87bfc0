"""The columns beside items, as blocks of features."""
