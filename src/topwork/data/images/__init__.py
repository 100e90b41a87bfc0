"""Images: their formats, and decoding them."""
