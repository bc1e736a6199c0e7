"""Where the scale of a picture ends. Pure."""


def round_up(number: int) -> int:
    """The next of 4, 10, 20, 40, 100, ...: halves of it are whole numbers."""
    top = 4
    while top < number:
        top = top * 5 // 2 if str(top).startswith("4") else top * 2
    return top
