"""Ways of predicting several labels per item."""
