"""What the page of one sender address shows: its policy in words, its snippets, its mail."""
