"""Mail that comes back: what it says, which delivery it is about, and what follows from it."""
