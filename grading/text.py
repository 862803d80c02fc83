"""What students wrote, made fit to be shown."""

__all__ = ["printable"]


def printable(text: str) -> str:
    """Text without what would command a terminal, or cannot be written at all; lines stay."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
