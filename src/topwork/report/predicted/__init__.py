"""What single predictions are worth, as a report says it."""
