"""Live recognition: frames of a video, camera, stream or growing folder, predicted as they come."""
