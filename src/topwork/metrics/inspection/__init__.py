"""How well defective parts, and the places of defects, are told from good ones."""
