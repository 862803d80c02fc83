# Hands in JSON that is no notebook.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.write_text('{"cells": {"name": "log_marginal", "points": 3}}', encoding="utf-8")
