"""What a fit on the rows of a table found, as plain data and as a report."""
