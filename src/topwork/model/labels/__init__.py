"""A fitted model that predicts several labels per item, what it says and what it stores."""
