"""Groups of items that nobody has labelled, and whether there are any."""
