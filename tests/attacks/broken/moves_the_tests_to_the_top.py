# Puts the test cells before the answers.
# verdicts: missing missing missing missing

import nbformat


def hand_in(notebook, path):
    notebook.cells.sort(key=lambda cell: "def " in cell.source)
    nbformat.write(notebook, path)
