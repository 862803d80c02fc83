# Hands in five hundred cells that do nothing.
# verdicts: correct correct wrong missing

import nbformat
from nbformat.v4 import new_code_cell


def hand_in(notebook, path):
    notebook.cells += [new_code_cell("pass") for _ in range(500)]
    nbformat.write(notebook, path)
