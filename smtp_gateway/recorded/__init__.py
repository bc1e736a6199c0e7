"""Sentences that the mail path writes in English, in the language of who reads them."""
