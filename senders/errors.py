"""Why something that an operator asked for is not done, in sentences for that operator."""


class InvalidField(ValueError):
    """One value cannot be taken; `field` names it, the text says why and what to do.

    An empty `field`: it is about no value alone.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class PasswordRefused(ValueError):
    """The SMTP password breaks the rule; `unmet` has a sentence for each condition."""

    def __init__(self, unmet: list[str]) -> None:
        super().__init__(" ".join(unmet))
        self.unmet = unmet
