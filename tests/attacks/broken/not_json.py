# Hands in a text that is no notebook.
# verdicts: missing missing missing missing


def hand_in(notebook, path):
    path.write_text("The dog ate my notebook.\n", encoding="utf-8")
