# Hands in a folder with nothing in it but the time.
# verdicts: not graded


def hand_in(notebook, path):
    pass
