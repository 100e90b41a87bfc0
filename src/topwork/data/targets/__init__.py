"""Labels, as files and programs hold them."""
