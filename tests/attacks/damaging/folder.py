# Hands in a folder that is called like a notebook.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.mkdir()
