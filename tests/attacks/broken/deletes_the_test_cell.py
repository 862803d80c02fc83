# Hands in without the test cell of a right answer.
# verdicts: correct correct wrong missing

import nbformat


def hand_in(notebook, path):
    notebook.cells = [cell for cell in notebook.cells if "check(" not in cell.source]
    nbformat.write(notebook, path)
