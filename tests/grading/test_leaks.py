"""No secret input and no expected value is told: not on a card, nor on a page, nor in a report.

The canaries are all numbers of the secret cases and of their answers. A text has told one if it
holds a number that one of them rounds to; of four digits or more, not counting zeros at the end,
since 1000 or 0.25 may stand anywhere.
"""

import io
import re
from dataclasses import replace
from decimal import Decimal

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from rich.console import Console

from grading import report, steps
from grading.executor import VERDICT_TYPE
from grading.workspace import WORK_VARIABLE, chapters
from lgm.course.check import Observed, card
from lgm.exercises.catalogue import catalogue
from lgm.exercises.exercise import judge

SEED = 20260101
DIGITS = 4


def canaries(exercises, seed):
    """The sizes of all numbers that are secret, in order."""
    found = [np.zeros(0)]
    for exercise in exercises:
        for case in exercise.cases(np.random.default_rng(seed)):
            output = exercise.reference(*case.args)
            values = (*case.args, *(output if isinstance(output, tuple) else (output,)))
            found += [np.abs(np.ravel(value).astype(float)) for value in values]
    found = np.concatenate(found)
    return np.sort(found[np.isfinite(found)])


def long_numbers(text):
    numbers = re.findall(r"(?<![\w.#])\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)", text)
    return {n for n in numbers if len(Decimal(n).normalize().as_tuple().digits) >= DIGITS}


def told(numbers, secrets):
    """Those of the numbers that a secret rounds to."""
    known = []
    for number in numbers:
        half = 0.501 * 10.0 ** Decimal(number).as_tuple().exponent
        lowest, highest = np.searchsorted(secrets, [float(number) - half, float(number) + half])
        if lowest < highest:
            known.append(number)
    return known


def applied(change):
    """A right answer with something done to each of its results."""

    def wrong(exercise):
        def answer(*args):
            output = exercise.reference(*args)
            if len(exercise.returns) > 1:
                return tuple(change(np.asarray(part)) for part in output)
            return change(np.asarray(output))

        return answer

    return wrong


WRONG = {
    "nothing": lambda exercise: lambda *args: None,
    "inputs": lambda exercise: lambda *args: args[0],
    "inputs as text": lambda exercise: lambda *args: np.asarray(args[0]).astype(str),
    "inputs as objects": lambda exercise: lambda *args: np.array([*args, None], dtype=object),
    "an index too far": lambda exercise: lambda *args: np.asarray(args[0])[10**6],
    "shapes that do not fit": lambda exercise: lambda *args: np.ones((3, 2)) @ np.ones(7),
    "a matrix that is singular": lambda exercise: lambda *args: np.linalg.inv(np.zeros((2, 2))),
    "a little off": applied(lambda right: right + 0.01),
    "half": applied(lambda right: right / 2),
    "exponentials": applied(np.exp),
    "logarithms": applied(np.log),
    "negative": applied(np.negative),
    "transposed": applied(np.transpose),
    "an axis too many": applied(lambda right: right[..., None]),
    "one place late": applied(lambda right: np.roll(right, 1)),
    "flat and one short": applied(lambda right: right.ravel()[1:]),
    "not a number": applied(lambda right: np.full(right.shape, np.nan)),
    "infinite": applied(lambda right: np.full(right.shape, np.inf)),
}


def test_canaries_are_heard():
    secrets = np.array([0.073912, 12.3456, 1234.0])
    heard = ["0.07391", "12.35", "12.3456", "1234"]
    assert told([*heard, "1.235", "12.36", "1233"], secrets) == heard
    text = "log p(x) = -12.35 in 3 of 120 cases; x1234, #073912, 1000, 7.3912e-02"
    assert long_numbers(text) == {"12.35", "7.3912e-02"}


@pytest.mark.parametrize("name", catalogue())
def test_no_card_tells_a_secret(name):
    exercise = catalogue()[name]
    secrets = canaries([exercise], SEED)
    wrong = {kind: make(exercise) for kind, make in WRONG.items()}
    wrong |= {mistake.name: mistake.implementation for mistake in exercise.misconceptions}
    on_their_own_screen = []
    for kind, answer in wrong.items():
        observed = Observed(answer)
        with np.errstate(all="ignore"):
            verdict = judge(exercise, observed, SEED)
        texts = card(name, replace(verdict, counterexample=None), observed.notes)
        assert told(long_numbers(" ".join(texts)), secrets) == [], (kind, texts[0])
        on_their_own_screen += told(long_numbers(card(name, verdict, [])[0]), secrets)
    assert on_their_own_screen  # with the counterexamples; or nothing could have been heard


@pytest.mark.slow
def test_no_page_and_no_report_of_a_whole_class_tells_a_secret(graded_class, tmp_path, monkeypatch):
    work = graded_class.work
    monkeypatch.setenv(WORK_VARIABLE, str(work.root))
    secrets = {
        chapter: canaries(
            [e for e in catalogue().values() if e.name.startswith(chapter[3:])], work.seed
        )
        for chapter in chapters()
    }
    graded = [
        each for each in steps.submissions(work, chapters()) if each.path(work.autograded).exists()
    ]
    assert len(graded) > 40
    assert not [outcome for outcome in steps.feedback(graded, work) if outcome.problem]
    for each in graded:
        page = each.path(work.feedback).with_suffix(".html")
        # What a student wrote, and what their own cells printed, is theirs.
        news = long_numbers(visible(page)) - long_numbers(without_verdicts(each, work))
        assert told(news, secrets[each.chapter]) == [], each
    summary = report.class_report(work, chapters())
    report.write_html(summary, tmp_path / "report.html")
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(report.terminal(summary))
    for text in (visible(tmp_path / "report.html"), console.export_text()):
        assert told(long_numbers(text), np.sort(np.concatenate([*secrets.values()]))) == []


def visible(page):
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").get_text(" ")


def without_verdicts(submission, work):
    notebook = nbformat.read(submission.path(work.autograded), as_version=4)
    for cell in notebook.cells:
        cell.outputs = [o for o in cell.get("outputs", []) if VERDICT_TYPE not in o.get("data", {})]
    return nbformat.writes(notebook)
