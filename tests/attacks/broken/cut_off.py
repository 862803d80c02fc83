# Hands in half of the file.
# verdicts: missing missing missing missing

import nbformat


def hand_in(notebook, path):
    text = nbformat.writes(notebook)
    path.write_text(text[: len(text) // 2], encoding="utf-8")
