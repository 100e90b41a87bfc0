"""Clusters on the command line: what is printed and written of them."""
