"""What is tried with the columns beside items."""
