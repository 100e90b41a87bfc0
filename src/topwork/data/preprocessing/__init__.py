"""How an item becomes the fixed input of a network."""
