"""Tables, whatever file they come in."""
