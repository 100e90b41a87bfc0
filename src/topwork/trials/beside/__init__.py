"""What is tried with the columns beside items, and what they add."""
