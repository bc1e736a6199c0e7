"""What a mail's page tells: its recipients, and the life of each, event by event. Reads only."""
