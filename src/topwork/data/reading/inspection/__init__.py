"""Images of parts, good and defective."""
