"""What a fit of ordered classes found, as plain data and as a report."""
