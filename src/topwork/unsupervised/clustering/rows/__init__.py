"""Groups of the rows of a table: read, found, named, saved."""
