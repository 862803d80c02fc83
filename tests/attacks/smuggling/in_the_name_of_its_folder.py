# Has a second folder, with nothing in it, whose name is markup and commands to the terminal.
# verdicts: correct correct wrong missing

import nbformat

NAME = "<img src=x onerror=alert(1)>[bold red]rich[" + "\x1b[2J\x1b]0;mine\x07\u202e"


def hand_in(notebook, path):
    nbformat.write(notebook, path)
    (path.parents[2] / NAME / path.parent.name).mkdir(parents=True)
