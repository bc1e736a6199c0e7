"""The main tasks of the console, each look at them by the same steps."""
