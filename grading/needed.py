"""Which cells of a chapter no verdict needs, so that grading a class need not run them.

Most of a notebook's time goes into demonstrations: simulations and figures that the student has
seen. A graded function needs what the tests and the solutions of the source name, and what the
cells name that bind those names, and so on. Every other cell of ours is idle.
"""

import symtable
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

__all__ = ["idle_cells"]


@cache
def idle_cells(source: Path) -> frozenset[str]:
    """The cells of a chapter that need not run, by their text.

    A student's cell is idle when it is word for word one of these: whatever else stands in a
    submission is run.

    Parameters
    ----------
    source : Path
        The chapter's notebook, with its solutions.

    Returns
    -------
    frozenset of str
    """
    notebook = nbformat.read(source, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    bound, read = zip(*(_names(cell.source) for cell in code), strict=True)
    needed = {index for index, cell in enumerate(code) if _is_marked(cell)}
    wanted: set[str] = set()
    while names := set().union(*(read[index] for index in needed)) - wanted:
        wanted |= names
        needed |= {index for index, own in enumerate(bound) if own & names}
    texts = {cell.source for index, cell in enumerate(code) if index not in needed}
    return frozenset(texts - {code[index].source for index in needed})


def _is_marked(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader"))


def _names(source: str) -> tuple[set[str], set[str]]:
    """The notebook's names that a cell binds, and those that it reads, its functions included."""
    top = symtable.symtable(TransformerManager().transform_cell(source), "cell", "exec")
    bound = {
        name.get_name() for name in top.get_symbols() if name.is_assigned() or name.is_imported()
    }
    read = {
        name.get_name()
        for table in _tables(top)
        for name in table.get_symbols()
        if name.is_referenced() and (table is top or name.is_global())
    }
    return bound, read


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)
