"""What a mail that came back says: from bytes to a value, whatever the bytes are. Pure."""
