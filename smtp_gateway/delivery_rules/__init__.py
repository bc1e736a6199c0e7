"""What policies mean for deliveries, in the relay's hand as values while they change."""
