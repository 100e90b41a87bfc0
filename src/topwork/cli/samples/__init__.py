"""Small sets of sample data, drawn and invented on the spot, to try every command on."""
