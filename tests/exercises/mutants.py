"""Right answers with one small change each, made by machine: what is left right must be explained.

The bank of misconceptions holds what people write; these are what nobody thought of.
"""

import ast
import copy
import inspect
import signal
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import numpy as np
import scipy
from bank import remembered

from grading.workspace import SOURCES, chapters
from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import Stopped, judge

__all__ = ["EQUIVALENT", "Mutant", "mutants_of", "survives"]

SEEDS = (PUBLIC_SEED, 1, 2)
SECONDS = 2  # of processor time: a changed loop may have no end
EQUIVALENT = tomllib.loads((Path(__file__).parent / "equivalent_mutants.toml").read_text("utf-8"))

OPERATORS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
FUNCTIONS = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum",
    "minimum": "maximum", "exp": "expm1", "log": "log1p", "expm1": "exp", "log1p": "log",
    "sqrt": "square", "square": "sqrt", "argmax": "argmin", "cumsum": "cumprod",
    "logsumexp": "max", "logaddexp": "maximum", "std": "var", "var": "std", "dot": "outer",
    "searchsorted": "digitize", "diff": "ediff1d", "abs": "negative", "ones": "zeros",
    "zeros": "ones", "eye": "ones_like", "isfinite": "isnan", "softmax": "log_softmax",
}  # fmt: skip


class Mutant(NamedTuple):
    """A changed function, and the statement in which it was changed, as it reads now."""

    statement: str
    function: Callable[..., Any]


def mutants_of(name):
    """The mutants of an exercise's reference, and of the solution in its notebook."""
    for source, scope in _sources(name):
        yield from mutants(source, scope)


def _notebook_of(name):
    chapter = name.partition(".")[0]
    (folder,) = (f for f in chapters() if f[3:] == chapter)
    return nbformat.read(SOURCES / folder / f"{folder}.ipynb", as_version=4)


def _sources(name):
    """The reference, and the solution in the notebook, each with what its code refers to."""
    reference = catalogue()[name].reference
    yield textwrap.dedent(inspect.getsource(reference)), vars(inspect.getmodule(reference))
    scope, solution = {"np": np, "scipy": scipy}, None
    for cell in _notebook_of(name).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            if cell.metadata.nbgrader.grade_id == name.rpartition(".")[2]:
                solution = cell.source
        elif cell.cell_type == "code":
            for statement in ast.parse(cell.source).body:
                if isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef):
                    exec(ast.unparse(statement), scope)
    yield solution, scope


def survives(name, mutant):
    """Whether a mutant is taken for a right answer, on one of the seeds at least."""

    def give_up(*_):
        raise Stopped("timeout", "It did not come to an end.")

    before = signal.signal(signal.SIGVTALRM, give_up)
    try:
        for seed in SEEDS:
            exercise = replace(remembered(catalogue()[name], seed), misconceptions=())
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
            for case in exercise.cases(None):  # one by one: the first that fails is enough
                alone = replace(exercise, cases=lambda _, case=case: [case])
                verdict = judge(alone, Observed(mutant.function), seed)
                if verdict.status == "timeout":
                    return False
                if verdict.fraction < 1.0:
                    break
            else:
                return True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return False


def mutants(source: str, namespace: Mapping[str, Any]) -> Iterator[Mutant]:
    """Every function that is one small change away from the one defined in `source`.

    What is changed, `changes` says; `namespace` holds what the function's code refers to.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    (name,) = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    for place, node in enumerate(ast.walk(tree)):
        for number in range(len(changes(node))):
            changed = copy.deepcopy(tree)
            old = list(ast.walk(changed))[place]
            changed = ast.fix_missing_locations(_Replace(old, changes(old)[number]).visit(changed))
            if ast.unparse(changed) != original:
                scope = dict(namespace)
                exec(compile(changed, "<mutant>", "exec"), scope)
                yield Mutant(_statement(tree, changed), scope[name])


def changes(node: ast.AST) -> list[ast.AST]:
    """What may stand in the place of a node."""
    match node:
        case ast.BinOp(left, op, right):
            other = [ast.BinOp(left, OPERATORS[type(op)](), right)] if type(op) in OPERATORS else []
            return [*other, left, right]
        case ast.BoolOp(op, values):
            return [ast.BoolOp(OPERATORS[type(op)](), values), *values]
        case ast.Compare(left, [op], right) if type(op) in OPERATORS:
            return [ast.Compare(left, [OPERATORS[type(op)]()], right)]
        case ast.UnaryOp(ast.USub() | ast.Not() | ast.Invert(), operand):
            return [operand]
        case ast.Constant(bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(int() | float() as value):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.IfExp(_, body, orelse):
            return [body, orelse]
        case ast.Attribute(value, "T" | "mT"):
            return [value]
        case ast.Slice(lower, upper, step) if lower or upper or step:
            return [ast.Slice(None, upper, step), ast.Slice(lower, None, step), ast.Slice()]
        case ast.Call(called, args, keywords):
            # Without an `out`, what a `where` leaves out is whatever lay in memory.
            optional = [keyword for keyword in keywords if keyword.arg != "out"]
            fewer = [[k for k in keywords if k is not dropped] for dropped in optional]
            swapped = [[args[1], args[0], *args[2:]]] if len(args) > 1 else []
            return [
                *(ast.Call(other, args, keywords) for other in _other_functions(called)),
                *(ast.Call(called, args, some) for some in fewer),
                *(ast.Call(called, order, keywords) for order in swapped),
            ]
        case ast.AugAssign(target, op, value) if type(op) in OPERATORS:
            return [ast.AugAssign(target, OPERATORS[type(op)](), value), ast.Pass()]
        case ast.Return(ast.Tuple(elts)) if len(elts) > 1:
            return [ast.Return(ast.Tuple([elts[1], elts[0], *elts[2:]], ast.Load()))]
    return []


def _other_functions(called: ast.AST) -> list[ast.expr]:
    match called:
        case ast.Attribute(value, name, context) if name in FUNCTIONS:
            return [ast.Attribute(value, FUNCTIONS[name], context)]
        case ast.Name(name) if name in FUNCTIONS:  # imported on its own
            return [ast.Attribute(ast.Name("np", ast.Load()), FUNCTIONS[name], ast.Load())]
    return []


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Put the new node where the old one stands."""
        return self.new if node is self.old else self.generic_visit(node)


def _statement(before: ast.AST, after: ast.AST) -> str:
    """The first line that the change has made different."""
    lines = zip(ast.unparse(before).splitlines(), ast.unparse(after).splitlines(), strict=False)
    return next(new.strip() for old, new in lines if old != new)
