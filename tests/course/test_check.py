"""What a student sees of a check: the card, and what is said when it cannot be made."""

import math
import re
import subprocess
import sys
import warnings
from collections import deque
from html.parser import HTMLParser
from importlib import import_module
from typing import get_args

import numpy as np
import pytest

from lgm.course.check import Observed, card, check
from lgm.exercises import exercise
from lgm.exercises.exercise import Status, Verdict

course = import_module("lgm.course.check")  # The function hides its module of the same name.
NAME = "discrete_marginal.log_marginal"


def right(log_prior, log_lik):
    return np.logaddexp.reduce(log_prior[:, None] + log_lik, axis=0)


def largest_only(log_prior, log_lik):
    return np.max(log_prior[:, None] + log_lik, axis=0)


def off(log_prior, log_lik):
    return right(log_prior, log_lik) - 0.01


def only_typical(log_prior, log_lik):
    with np.errstate(all="ignore"):
        return np.log(np.exp(log_prior[:, None] + log_lik).sum(axis=0))


def not_written(log_prior, log_lik):
    raise NotImplementedError("write your answer here")


def fails(log_prior, log_lik):
    raise ValueError("shapes do not match")


@pytest.fixture
def shown(monkeypatch, capsys):
    """The card of a check, as text and as HTML; nothing else may be printed."""

    def shown(function):
        displayed = []
        monkeypatch.setattr(course, "display", lambda data, raw: displayed.append(data))
        check(NAME, function)
        assert capsys.readouterr() == ("", "")
        (card,) = displayed
        assert set(card) == {"text/plain", "text/html"}
        return card["text/plain"], card["text/html"]

    return shown


class Reader(HTMLParser):
    """Sees to it that every tag is closed, and collects tags and text."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


# --- the card ----------------------------------------------------------------------------------


def test_a_right_answer_is_told_so_in_two_lines(shown):
    text, html = shown(right)
    assert text == "✓ log_marginal: Correct · 13 cases tried\nRight, on every case."
    assert "<table" not in html
    assert "role='status'" in html


def test_a_wrong_answer_is_told_with_its_name_and_the_smallest_case(shown):
    text, _ = shown(largest_only)
    title, message, *rows = text.splitlines()
    assert title == "✗ log_marginal: Not yet · 13 cases tried"
    assert message.startswith("You took the largest joint term instead of adding them all.")
    assert message.endswith("Reread the part “One marginal for every observation”.")
    labels = [row.strip().partition(":")[0] for row in rows if row[2] != " "]
    assert labels == ["smallest failing case", "log_prior", "log_lik", "your answer", "expected"]


def test_a_wrong_answer_without_a_name_is_told_with_the_smallest_case(shown):
    text, _ = shown(off)
    assert "has the right shape, but" in text
    assert "your answer:" in text
    assert "expected:" in text


def test_the_smallest_case_is_shown_with_its_numbers(shown):
    text, _ = shown(off)
    lines = {line.strip().partition(":")[0]: line.partition(":")[2] for line in text.splitlines()}
    got, expected = (
        float(lines[label].strip(" []").split()[0]) for label in ("your answer", "expected")
    )
    assert math.isclose(got, expected - 0.01, abs_tol=2e-4)


def test_a_partial_answer_is_told_with_its_share(shown):
    text, _ = shown(only_typical)
    assert text.startswith("✗ log_marginal: Partly right (")
    assert "%) · 13 cases tried\nRight on the typical cases, wrong on: " in text


def test_an_error_is_told_with_its_text(shown):
    text, _ = shown(fails)
    assert text.startswith("✗ log_marginal: It stops with an error · 13 cases tried")
    assert "Your function stopped with ValueError: shapes do not match." in text
    assert re.search(r"your answer: +ValueError: shapes do not match", text)


def test_what_is_not_written_yet_is_told_without_a_case(shown):
    text, html = shown(not_written)
    assert text == "✗ log_marginal: Not written yet · 1 case tried\nNot written yet."
    assert "<table" not in html


@pytest.mark.parametrize("status", get_args(Status))
def test_every_status_has_a_title_and_a_colour(status):
    text, html = card(NAME, Verdict(status, 0.0, "Told."), [])
    assert text.startswith(("✓", "✗"))
    assert text.startswith("✓") == (status == "correct")
    assert "border-left:4px solid #" in html


@pytest.mark.parametrize("function", [right, largest_only, off, only_typical, fails, not_written])
def test_text_and_html_say_the_same(shown, function):
    text, html = shown(function)
    squeezed = "".join(Reader(html).text.split())
    for line in text.splitlines():
        words = "".join(line.split())
        # In the table there is no colon after the label.
        assert words in squeezed or words.replace(":", "", 1) in squeezed


HOSTILE = "<img src=x onerror=alert(1)>\"'&</pre></div><script>alert(2)</script>"


def test_whatever_a_student_may_have_written_is_escaped(shown):
    def hostile(log_prior, log_lik):
        warnings.warn(HOSTILE, stacklevel=1)
        raise ValueError(HOSTILE)

    text, html = shown(hostile)
    assert HOSTILE in text
    reader = Reader(html)
    assert not {"img", "script"} & set(reader.tags)
    assert HOSTILE in reader.text


def test_notes_labels_and_messages_are_escaped_as_well():
    verdict = Verdict("wrong", 0.0, HOSTILE)
    _, html = card(f"chapter.{HOSTILE}", verdict, [HOSTILE])
    assert not {"img", "script"} & set(Reader(html).tags)


class Loud:
    def __repr__(self):
        raise RuntimeError("no text of mine")

    __str__ = __repr__

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array of mine")


class EqualsEverything:
    def __eq__(self, other):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "answer",
    [
        Loud(),
        EqualsEverything(),
        [1.0, [2.0]],
        10**400,
        [10**400, 1.0],
        "text",
        {"a": 1},
        np.array(["a", None], dtype=object),
        np.zeros((200, 300)),
        "\ud800",
        b"\0",
        float("nan"),
        iter([1]),
        open,
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_a_card_is_drawn_for_any_answer(shown, answer):
    text, html = shown(lambda log_prior, log_lik: answer)
    assert text.startswith(("✗ log_marginal: Not yet", "✗ log_marginal: It stops with an error"))
    assert len(text) < 6000
    Reader(html)


def test_what_would_not_count_where_it_is_graded_does_not_count_here(shown):
    # numpy can make an array of it, but it would not pass the wire.
    text, _ = shown(lambda log_prior, log_lik: deque(right(log_prior, log_lik)))
    assert text.startswith("✗ log_marginal: Not yet")
    assert "(one deque)" in text


# --- notes -------------------------------------------------------------------------------------


def test_a_warning_of_a_right_answer_is_noted_once_and_costs_nothing(shown):
    def warns(log_prior, log_lik):
        warnings.warn("divide by zero", RuntimeWarning, stacklevel=1)
        return right(log_prior, log_lik)

    text, _ = shown(warns)
    assert text.startswith("✓ ")
    assert text.count("Note: Your function warned: divide by zero.") == 1


def test_a_changed_argument_is_noted_and_costs_nothing(shown):
    def in_place(log_prior, log_lik):
        log_lik += log_prior[:, None]
        return np.logaddexp.reduce(log_lik, axis=0)

    text, _ = shown(in_place)
    assert text.startswith("✓ ")
    assert text.endswith("Note: Your function changes its arguments; work on a copy instead.")


def test_arguments_that_hold_nan_and_stay_as_they_are_are_not_noted():
    observed = Observed(lambda a: a)
    observed(np.array([np.nan, -np.inf, 1.0]))
    observed(np.array([1, 2]))
    observed(3)
    assert observed.notes == []


def test_there_are_no_more_than_three_notes_of_a_few_lines_each():
    def warns_of_everything(log_prior, log_lik):
        for number in range(100):
            warnings.warn(f"{number}" * 1000, stacklevel=1)
        return right(log_prior, log_lik)

    observed = Observed(warns_of_everything)
    observed(np.zeros(2), np.zeros((2, 3)))
    assert len(observed.notes) == 3
    assert max(map(len, observed.notes)) == 300


@pytest.mark.parametrize(
    "source",
    [
        "from lgm.logspace import logsumexp\ndef f(p, lik): return logsumexp(p[:, None] + lik, 0)",
        "from lgm import logsumexp\ndef f(p, lik): return logsumexp(p[:, None] + lik, 0)",
        "import lgm\ndef f(p, lik): return lgm.logsumexp(p[:, None] + lik, 0)",
        "from lgm import logspace\ndef f(p, lik): return logspace.logsumexp(p[:, None] + lik, 0)",
    ],
)
def test_a_solution_that_calls_the_package_is_told_that_it_will_not_find_it(shown, source):
    notebook = {}
    exec(source, notebook)
    text, _ = shown(notebook["f"])
    assert text.startswith("✓ ")
    assert "Note: Your function calls lgm itself. It will not find it there when" in text


@pytest.mark.parametrize("function", [np.logaddexp, len, Loud, lambda p, lik: right(p, lik)])
def test_a_solution_of_ones_own_is_no_loan(function):
    assert course._borrowed(function) == []


# --- checks that cannot be made ----------------------------------------------------------------


def test_an_unknown_name_is_told_with_all_that_there_are():
    with pytest.raises(KeyError, match=r"no exercise 'discrete_marginal.log_margin'; there are"):
        check("discrete_marginal.log_margin", right)


def test_the_name_is_needed_in_full():
    with pytest.raises(KeyError, match="no exercise 'log_marginal'"):
        check("log_marginal", right)


@pytest.mark.parametrize("value", [None, 3.0, np.zeros(3), "log_marginal"])
def test_a_result_instead_of_the_function_is_told_with_what_to_write(value):
    with pytest.raises(TypeError, match=r"write check\('discrete_marginal.log_marginal', log_mar"):
        check(NAME, value)


def test_an_interrupt_ends_the_check():
    def interrupted(log_prior, log_lik):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(NAME, interrupted)


def test_mistakes_are_only_tried_once_something_is_wrong(shown, monkeypatch):
    ran = []
    run = exercise._run
    monkeypatch.setattr(exercise, "_run", lambda *args: ran.append(args) or run(*args))
    shown(right)
    assert ran == []
    shown(largest_only)
    assert ran


# --- on the student's side of the jail ---------------------------------------------------------

WITHOUT_THE_REFERENCE = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("lgm.") and name.split(".")[1] != "course":
            raise ImportError(f"{name} does not exist here")

sys.meta_path.insert(0, Blocker())
import lgm.course
from lgm.course import check, datasets, plots
assert callable(check)
assert datasets.old_faithful().shape == (272, 2)
assert not [name for name in sys.modules if name.startswith("lgm.") and ".course" not in name]
for name in ("lgm.exercises", "lgm.logspace"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise AssertionError(name)
"""


def test_the_course_can_be_imported_where_the_reference_cannot():
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_REFERENCE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_importing_the_course_loads_no_exercise():
    code = (
        "import sys, lgm.course; print([n for n in sys.modules if n.startswith('lgm.exercises')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
