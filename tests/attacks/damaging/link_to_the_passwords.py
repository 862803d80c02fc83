# Hands in a symbolic link to a file of the system's.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.symlink_to("/etc/passwd")
