# Hands in fifty megabytes of outputs.
# verdicts: correct correct wrong missing

import nbformat
from nbformat.v4 import new_output


def hand_in(notebook, path):
    notebook.cells[0].outputs = [new_output("stream", text="x" * (50 << 20))]
    nbformat.write(notebook, path)
