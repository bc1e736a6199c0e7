"""The People page: who has access to the console, as what, and taking it away."""
