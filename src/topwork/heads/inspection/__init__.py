"""How far the places of an image are from those of images of good parts."""
