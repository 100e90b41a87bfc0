"""Items of none of the classes."""
