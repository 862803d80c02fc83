# Comes from an editor that keeps no metadata.
# verdicts: correct correct wrong missing

import nbformat


def hand_in(notebook, path):
    for cell in notebook.cells:
        cell.metadata.clear()
    nbformat.write(notebook, path)
