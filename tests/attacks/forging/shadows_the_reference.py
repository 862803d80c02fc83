# Hands in a package lgm of its own, whose exercises have no cases.
# verdicts: correct wrong wrong missing

import nbformat

CODE = """
class Exercise:
    def cases(self, rng):
        return []


def catalogue():
    return {f"discrete_marginal.{name}": Exercise() for name in (
        "logsumexp", "log_marginal", "responsibilities", "dataset_log_likelihood"
    )}
"""


def hand_in(notebook, path):
    for cell in notebook.cells:
        if cell.source.startswith("def log_marginal"):
            cell.source = "def log_marginal(log_prior, log_lik):\n    return log_lik[0]"
    nbformat.write(notebook, path)
    file = path.parent / "lgm/exercises/catalogue.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CODE, encoding="utf-8")
