"""Mail to the people of the console about sender addresses that do harm."""
