"""The data of a fit: read once, checked, and grouped."""
