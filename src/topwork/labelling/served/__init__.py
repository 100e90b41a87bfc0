"""The page for labelling, and the server on this machine's own address that it talks to."""
