"""Testing a route: what DirectMail and the next hop say to each other, and what is wrong."""
