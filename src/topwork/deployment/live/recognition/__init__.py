"""What is predicted for a frame, and how predictions of successive frames belong together."""
