"""Images are decoded in processes that can be killed: a decoder is the part that files attack."""
