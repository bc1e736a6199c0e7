"""The signed return path: an envelope sender of our own that says which delivery came back. Pure."""
