"""What can be learnt of items without labels."""
