"""The server: real processes, real sockets."""
