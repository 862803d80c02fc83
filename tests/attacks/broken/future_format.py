# Says that its format is of version 99.
# verdicts: missing missing missing missing

import json


def hand_in(notebook, path):
    path.write_text(json.dumps(notebook | {"nbformat": 99}), encoding="utf-8")
