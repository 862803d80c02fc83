# Hands in a second notebook beside the first.
# verdicts: correct correct wrong missing

import nbformat
from nbformat.v4 import new_notebook


def hand_in(notebook, path):
    nbformat.write(new_notebook(), path.with_name("old version.ipynb"))
    nbformat.write(notebook, path)
