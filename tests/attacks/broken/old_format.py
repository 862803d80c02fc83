# Hands in the third version of the notebook format.
# verdicts: correct correct wrong missing

import nbformat


def hand_in(notebook, path):
    path.write_text(nbformat.writes(notebook, version=3), encoding="utf-8")
