"""What is learnt without labels."""
