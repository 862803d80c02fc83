# Hands in a file of more than a hundred megabytes.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    with path.open("wb") as file:
        file.truncate((100 << 20) + 1)
