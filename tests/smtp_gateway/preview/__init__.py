"""What would happen to a message."""
