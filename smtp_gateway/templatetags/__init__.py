"""What the templates of this package need beyond Django's own filters."""
