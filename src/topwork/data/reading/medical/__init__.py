"""What the headers of medical files say of a data set."""
