"""Spell out control characters, which a resource's name or a value can hold."""


def printable(text: str) -> str:
    """Return text with control characters as escapes: they move a terminal's cursor, and XML has no form for
    them.
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
