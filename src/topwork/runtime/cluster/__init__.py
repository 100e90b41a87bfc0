"""Tasks on the workers of a Ray cluster: of this machine alone, or of many."""
