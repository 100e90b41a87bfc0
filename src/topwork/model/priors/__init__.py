"""What was learnt from earlier tasks, in files."""
