# Merges the answer and its test into one cell, as Jupyter does on Shift-M.
# verdicts: correct correct wrong missing

import nbformat


def hand_in(notebook, path):
    place = next(i for i, cell in enumerate(notebook.cells) if "log_marginal)" in cell.source)
    test = notebook.cells.pop(place)
    notebook.cells[place - 1].source += f"\n\n{test.source}"
    nbformat.write(notebook, path)
