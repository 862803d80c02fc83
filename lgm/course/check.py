"""The check of a function that a student wrote: is it right, and if not, which mistake is it.

In a student's own notebook the answer is judged here, on public cases, and told on a card. While
a class is graded, the same line only answers questions: the judge waits at the other end of a
socket, outside this process, sends arguments, receives results and keeps the verdict to itself.
"""

import os
import socket
import warnings
from collections.abc import Callable
from html import escape
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import display

from lgm.course import wire

if TYPE_CHECKING:
    from lgm.exercises.exercise import Verdict

__all__ = ["JUDGE_VARIABLE", "Observed", "card", "check"]

JUDGE_VARIABLE = "LGM_JUDGE"
PUBLIC_SEED = 2026

_COLOURS = {"correct": "#007a5a", "partial": "#a15c00", "missing": "#57606a"}
_WRONG = "#b3261e"
_TITLES = {
    "correct": "Correct",
    "partial": "Partly right",
    "wrong": "Not yet",
    "error": "It stops with an error",
    "timeout": "Out of time",
    "memory": "Out of memory",
    "killed": "The kernel died",
    "output_limit": "Too much output",
    "missing": "Not written yet",
    "grader_error": "The grader failed, not you",
}


def check(name: str, function: Callable[..., Any]) -> None:
    """Check a function that you wrote, and show a card with the outcome.

    Parameters
    ----------
    name : str
        The exercise, ``"chapter.function"``, as the notebook gives it.
    function : callable
        Your function.

    Raises
    ------
    KeyError
        If there is no exercise of that name.
    TypeError
        If `function` cannot be called.
    """
    if not callable(function):
        raise TypeError(
            f"check needs the function itself, got {type(function).__name__}: "
            f"write check({name!r}, {name.rpartition('.')[2]}), without calling it"
        )
    observed = Observed(function)
    if address := os.environ.get(JUDGE_VARIABLE):
        _answer(name, observed, address)
        return

    # Only here: while a class is graded there is no such module on this side.
    from lgm.exercises.catalogue import catalogue
    from lgm.exercises.exercise import judge

    if name not in catalogue():
        raise KeyError(f"no exercise {name!r}; there are: {', '.join(catalogue())}")
    # Over the wire and back, so that what counts as an answer here counts as one there.
    verdict = judge(
        catalogue()[name], lambda *args: wire.unpack(wire.pack(observed(*args))), PUBLIC_SEED
    )
    notes = [*observed.notes, *_borrowed(function)]
    text, html = card(name, verdict, notes)
    display({"text/plain": text, "text/html": html}, raw=True)


class Observed:
    """A function that notes, beside what it returns, what else it did.

    Parameters
    ----------
    function : callable
        The function to call.

    Attributes
    ----------
    notes : list of str
        Advice that costs no points: warnings, arguments that were changed.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.notes: list[str] = []

    def __call__(self, *args: Any) -> Any:
        """Call the function, and look at what it does to its arguments."""
        before = [np.copy(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = self._function(*args)
        for warning in caught:
            self._note(f"Your function warned: {warning.message}.")
        for old, new in zip(before, args, strict=True):
            if isinstance(old, np.ndarray) and not np.array_equal(old, new, equal_nan=True):
                self._note("Your function changes its arguments; work on a copy instead.")
        return result

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < 3:
            self.notes.append(note[:300])


def _answer(name: str, observed: Observed, address: str) -> None:
    """Answer the judge's questions until it has no more."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(address)
        with connection.makefile("rwb") as stream:
            wire.write(stream, name)
            while (question := wire.read(stream)) is not None:
                wire.write(stream, _reply(observed, question))


def _reply(observed: Observed, args: tuple[Any, ...]) -> dict[str, Any]:
    try:
        value = observed(*args)
        wire.pack(value)  # An answer that is too large is an error of the function.
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return {"raised": type(error).__name__[:80], "text": _told(error)}
    return {"value": value, "notes": observed.notes}


def _told(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # a student may write an exception that cannot be told
        return ""


def _borrowed(function: Callable[..., Any]) -> list[str]:
    """Say so when a solution calls the reference: where it is graded, there is none."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return []
    used = (function.__globals__.get(name) for name in code.co_names)
    homes = {getattr(thing, "__module__", None) or getattr(thing, "__name__", "") for thing in used}
    if any(home == "lgm" or home.startswith("lgm.") for home in homes if isinstance(home, str)):
        return ["Your function calls lgm itself. It will not find it there when it is graded."]
    return []


def card(name: str, verdict: "Verdict", notes: list[str]) -> tuple[str, str]:
    """Draw a verdict, as text and as HTML.

    Parameters
    ----------
    name : str
        The exercise.
    verdict : Verdict
        What the judge said. A counterexample is shown if there is one.
    notes : list of str
        Advice that costs no points.

    Returns
    -------
    text, html : str
        The same card twice. All that a student may have written is escaped in the HTML.
    """
    mark = "✓" if verdict.status == "correct" else "✗"
    title = f"{mark} {name.rpartition('.')[2]}: {_TITLES[verdict.status]}"
    if verdict.status == "partial":
        title += f" ({verdict.fraction:.0%})"
    if verdict.tried:
        title += f" · {verdict.tried} {'case' if verdict.tried == 1 else 'cases'} tried"
    lines = [verdict.message, *(f"Note: {note}" for note in notes)]
    table = _example(verdict)
    width = max((len(label) for label, _ in table), default=0) + 4
    rows = [
        f"  {label}:".ljust(width) + value.replace("\n", "\n" + " " * width)
        for label, value in table
    ]
    text = "\n".join([title, *lines, *rows])

    colour = _COLOURS.get(verdict.status, _WRONG)
    cells = "".join(
        f"<tr><th style='text-align:left;vertical-align:top;padding:1px 12px 1px 0'>{escape(label)}"
        f"</th><td style='text-align:left'><pre style='margin:0'>{escape(value)}</pre></td></tr>"
        for label, value in table
    )
    html = (
        "<div role='status' style='padding:4px 12px;max-width:52em;"
        f"border-left:4px solid {colour}'>"
        f"<strong style='color:{colour}'>{escape(title)}</strong>"
        + "".join(f"<p style='margin:4px 0'>{escape(line)}</p>" for line in lines)
        + (f"<table style='margin:4px 0'>{cells}</table>" if table else "")
        + "</div>"
    )
    return text, html


def _example(verdict: "Verdict") -> list[tuple[str, str]]:
    """The smallest failing case, as labelled values."""
    example = verdict.counterexample
    if example is None:
        return []
    return [
        ("smallest failing case", example.case.label),
        *zip(example.arguments, map(_shown, example.case.args), strict=True),
        ("your answer", _shown(example.got)),
        ("expected", _shown(example.expected)),
    ]


def _shown(value: Any) -> str:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"[:300]
    if isinstance(value, tuple):
        return "\n".join(_shown(part) for part in value)[:800]
    try:
        array = np.asarray(value)
        return np.array2string(array, precision=4, threshold=40, edgeitems=3, suppress_small=True)[
            :800
        ]
    except Exception:
        return f"a {type(value).__name__}"
