"""A running installation with a believable life behind it, for pictures and for looks at pages."""
