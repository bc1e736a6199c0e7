"""Whether all of the installation works, and how to mend what does not.

A check says what it found as a code with facts, and no words: `wording` has those, so that a stored
finding is read in the language of whoever looks.
"""
