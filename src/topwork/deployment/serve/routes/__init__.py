"""What can be asked: the API of topwork, and the Open Inference Protocol."""
