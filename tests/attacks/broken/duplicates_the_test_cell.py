# Hands in a test cell twice.
# verdicts: correct correct wrong missing

import copy

import nbformat


def hand_in(notebook, path):
    place = next(i for i, cell in enumerate(notebook.cells) if "log_marginal)" in cell.source)
    twin = copy.deepcopy(notebook.cells[place])
    twin.id = "twin"
    notebook.cells.insert(place, twin)
    nbformat.write(notebook, path)
