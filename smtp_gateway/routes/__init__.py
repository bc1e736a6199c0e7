"""Routes as operators set them: their table, their pages' rules, and testing them."""
