"""What was measured as plain data, and as sections of the report."""
