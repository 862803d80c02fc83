# Hands in a pipe that never ends.
# verdicts: missing missing missing missing

import os


def hand_in(notebook, path):
    os.mkfifo(path)
