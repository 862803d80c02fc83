# Hands in a file of no bytes.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.write_bytes(b"")
