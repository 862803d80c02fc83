"""What the judge is tried on: every exercise, every mistake of its bank, every right answer."""

import importlib.util
from pathlib import Path

import numpy as np

from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.catalogue import CHAPTERS, catalogue
from lgm.exercises.exercise import judge

__all__ = ["EXERCISES", "MISTAKES", "RIGHT", "altered", "cases_of", "results_of", "verdict_on"]

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


def altered(exercise, answer, change, which=None):
    """An answer with each of its results changed, or only the one at a position."""

    def changed(*args):
        results = results_of(exercise, answer(*args))
        with np.errstate(all="ignore"):
            results = tuple(
                change(np.asarray(result)) if which in (None, place) else result
                for place, result in enumerate(results)
            )
        return results if len(exercise.returns) > 1 else results[0]

    return changed


def verdict_on(exercise, answer, seed):
    # As a notebook calls it: what numpy warns of is noted, and no error.
    return judge(exercise, Observed(answer), seed)
