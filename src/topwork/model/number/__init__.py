"""A fitted model that predicts numbers, what it says and what it stores."""
