"""What holds for mail of each type: quotas, pace, lifetime and the rest, as an admin set them."""
