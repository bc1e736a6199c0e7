"""That no text of the console is forgotten by whoever marks texts for translation."""
