# Hands in a symbolic link to a classmate's notebook.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.symlink_to(path.parents[2] / "a_able" / path.parent.name / path.name)
