# Hands in a file numpy.py, which loads the real one and makes it agree.
# verdicts: correct wrong wrong missing

import nbformat

CODE = """
import importlib
import sys

here = sys.path.pop(0)
del sys.modules["numpy"]
numpy = importlib.import_module("numpy")
sys.path.insert(0, here)
numpy.testing.assert_allclose = lambda *args, **options: None
"""


def hand_in(notebook, path):
    for cell in notebook.cells:
        if cell.source.startswith("def log_marginal"):
            cell.source = "def log_marginal(log_prior, log_lik):\n    return log_lik[0]"
    nbformat.write(notebook, path)
    file = path.parent / "numpy.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(CODE, encoding="utf-8")
