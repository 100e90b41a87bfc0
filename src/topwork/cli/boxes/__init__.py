"""What the commands do with detectors."""
