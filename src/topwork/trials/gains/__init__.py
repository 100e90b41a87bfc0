"""What candidates gain over others, with intervals, and in a sentence."""
