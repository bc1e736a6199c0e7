"""What the relay and next hops said to each other: noted, packed, kept for a while, and shown."""
