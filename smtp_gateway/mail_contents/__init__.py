"""What a mail says: where it is kept, what its headers are, and who looked at it."""
