"""The level of each sender address: counted, judged by the published formula, and watched.

docs/standing.md is the formula in words; `formula` is what it says in numbers.
"""
