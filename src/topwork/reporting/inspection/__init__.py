"""What a fit on good parts found: plain data, and its page."""
