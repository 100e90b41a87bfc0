"""What a request must pass before anything of it is parsed."""
