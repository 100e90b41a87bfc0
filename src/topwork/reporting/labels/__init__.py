"""The evidence of a fit of several labels per item: as plain data, and as a report."""
