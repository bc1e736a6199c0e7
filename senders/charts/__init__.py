"""Pictures of numbers: from counts to points and rectangles. Pure."""
