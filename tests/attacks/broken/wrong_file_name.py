# Hands in a notebook of another name.
# verdicts: not graded

import nbformat


def hand_in(notebook, path):
    nbformat.write(notebook, path.with_name("Untitled1.ipynb"))
