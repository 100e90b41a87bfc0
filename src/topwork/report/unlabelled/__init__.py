"""What the report shows of items that nobody has labelled."""
