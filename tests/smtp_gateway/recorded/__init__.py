"""Sentences that were recorded in English, read in another language."""
