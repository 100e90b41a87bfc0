"""What a fit of numbers found, as plain data and as a report."""
