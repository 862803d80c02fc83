"""What the judge is tried on: every exercise, every mistake of its bank, every right answer."""

import functools
import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np

from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.catalogue import CHAPTERS, catalogue
from lgm.exercises.exercise import judge

__all__ = [
    "EXERCISES",
    "MISTAKES",
    "RIGHT",
    "STYLES",
    "alike",
    "altered",
    "cases_of",
    "remembered",
    "results_of",
    "verdict_on",
]

EXERCISES = tuple(catalogue().values())
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.misconceptions]


def _right_answers(chapter):
    path = Path(__file__).parent / "right_answers" / f"{chapter}.py"
    spec = importlib.util.spec_from_file_location(f"right_answers_{chapter}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.RIGHT


RIGHT = {name: answers for each in CHAPTERS for name, answers in _right_answers(each).items()}


def cases_of(exercise, seed=PUBLIC_SEED):
    return exercise.cases(np.random.default_rng(seed))


def results_of(exercise, output):
    return output if len(exercise.returns) > 1 else (output,)


def alike(exercise, one, other):
    """Whether two outputs have the same shapes and, but for rounding, the same values."""
    return all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True)
        for a, b in zip(results_of(exercise, one), results_of(exercise, other), strict=True)
    )


def altered(exercise, answer, change, which=None):
    """An answer with each of its results changed, or only the one at a position."""

    def changed(*args):
        output = answer(*args)
        several = len(exercise.returns) > 1 and isinstance(output, tuple | list)
        with np.errstate(all="ignore"):
            results = tuple(
                change(np.asarray(result)) if which in (None, place) else result
                for place, result in enumerate(output if several else (output,))
            )
        return results if several else results[0]

    return changed


def _from_single_precision(exercise, answer):
    def less_precise(*args):
        return answer(
            *(np.float32(arg) if np.asarray(arg).dtype.kind == "f" else arg for arg in args)
        )

    return less_precise


def _in_style(change):
    return lambda exercise, answer: altered(exercise, answer, change)


# Ordinary differences between two people's code for the same thing.
STYLES = {
    "as lists": _in_style(np.ndarray.tolist),
    "as numpy's own numbers": _in_style(lambda result: result[()]),
    "in the other memory order": _in_style(lambda result: np.array(result, order="F")),
    "rounded to ten digits": _in_style(lambda result: np.round(result, 10)),
    "added up in another order": _in_style(
        lambda result: result * (1 - 1e-12) if result.dtype.kind == "f" else result
    ),
    "returned in single precision": _in_style(lambda result: result.astype(np.float32)),
    "computed from single precision": _from_single_precision,
}


# Tests go through one exercise after another, each on a few seeds.
@functools.lru_cache(maxsize=8)
def remembered(exercise, seed=PUBLIC_SEED):
    """The same exercise on one seed's cases, which works out nothing twice."""
    cases = cases_of(exercise, seed)
    return replace(
        exercise,
        cases=lambda rng: cases,
        reference=_remembering(exercise.reference),
        misconceptions=tuple(
            replace(mistake, implementation=_remembering(mistake.implementation))
            for mistake in exercise.misconceptions
        ),
    )


def _remembering(function):
    known = {}

    def recalled(*args):
        key = tuple(
            (arg.shape, arg.dtype, arg.tobytes())
            if isinstance(arg, np.ndarray)
            else (type(arg), arg)
            for arg in args
        )
        if key not in known:
            try:
                known[key] = function(*args)
            except Exception as error:
                known[key] = error
        if isinstance(known[key], Exception):
            raise known[key].with_traceback(None)  # which would grow each time
        return known[key]

    return recalled


def verdict_on(exercise, answer, seed):
    # As a notebook calls it: what numpy warns of is noted, and no error.
    return judge(exercise, Observed(answer), seed)
