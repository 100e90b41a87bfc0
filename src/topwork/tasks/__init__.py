"""What is predicted and how that is judged: one member for classes, one for numbers."""
