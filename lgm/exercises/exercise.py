"""What an exercise is, and the one function that judges an answer to it.

An exercise is a pure function: arrays and numbers in, arrays and numbers out. It is described by
a reference, a generator of cases, the properties of any right answer, and a bank of the wrong
answers that people really write. The same bank names a student's mistake and proves the judge.
"""

import ast
import inspect
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Case",
    "Counterexample",
    "Exercise",
    "Misconception",
    "Property",
    "Raised",
    "Status",
    "Stopped",
    "Verdict",
    "judge",
    "misconception",
]

Status = Literal[
    "correct",
    "partial",
    "wrong",
    "error",
    "timeout",
    "memory",
    "killed",
    "output_limit",
    "missing",
    "grader_error",
]
Function = Callable[..., Any]
Output = tuple[NDArray[Any], ...]

# The first group of cases is what the exercise is about; the others refine it.
FIRST_GROUP_SHARE = 0.6
_EXCHANGED = "The axes are exchanged; the function's description says which comes first."


@dataclass(frozen=True)
class Case:
    """One set of arguments for the function under test.

    Attributes
    ----------
    args : tuple
        Positional arguments: arrays, numbers, strings.
    label : str
        What is special about it, in words that a student understands, without its numbers:
        "three components with unequal weights".
    group : str
        Points are granted by groups: all cases of a group, or nothing for it. The first group of
        an exercise carries 60 % and is needed for any credit; the others share the rest.
    """

    args: tuple[Any, ...]
    label: str
    group: str = "typical values"


@dataclass(frozen=True)
class Property:
    """Something true of every right answer, whatever way it was computed.

    Attributes
    ----------
    holds : callable
        ``holds(output, *args) -> bool``; `output` is an array, or a tuple of them.
    message : str
        What to tell the student when it does not hold, without a formula.
    """

    holds: Callable[..., bool]
    message: str


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that people really write.

    Attributes
    ----------
    name : str
        Unique within its exercise.
    implementation : callable
        The mistake, as a function that stands alone: it uses nothing but ``np``, ``scipy``,
        ``math`` and built-ins, so that it can be shown and run anywhere.
    computed : str
        What was computed instead.
    tempting : str
        Why that is tempting.
    """

    name: str
    implementation: Function
    computed: str
    tempting: str

    @property
    def message(self) -> str:
        """What to tell the student."""
        return f"{self.computed} {self.tempting}"

    @property
    def source(self) -> str:
        """The code of the implementation, as a student might have written it."""
        text = textwrap.dedent(inspect.getsource(self.implementation))
        function = ast.parse(text).body[0]
        assert isinstance(function, ast.FunctionDef)
        return "\n".join(text.splitlines()[function.lineno - 1 :]) + "\n"


def misconception(computed: str, tempting: str) -> Callable[[Function], Misconception]:
    """Make the decorated wrong function an entry of the bank, named after the function."""
    return lambda implementation: Misconception(
        implementation.__name__, implementation, computed, tempting
    )


@dataclass(frozen=True)
class Exercise:
    """What one graded function must do.

    Attributes
    ----------
    name : str
        ``"chapter.function"``, for example ``"discrete_marginal.log_marginal"``.
    returns : tuple of str
        A name for each array that is returned, for example ``("z", "x")``.
    section : str
        The heading in the notebook to reread.
    reference : callable
        The right answer.
    cases : callable
        ``cases(rng) -> Sequence[Case]``; the same generator state gives the same cases.
    misconceptions : tuple of Misconception
        The bank.
    properties : tuple of Property
        What holds for every right answer.
    """

    name: str
    returns: tuple[str, ...]
    section: str
    reference: Function
    cases: Callable[[np.random.Generator], Sequence[Case]]
    misconceptions: tuple[Misconception, ...]
    properties: tuple[Property, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments, in order."""
        return tuple(inspect.signature(self.reference).parameters)


@dataclass(frozen=True)
class Counterexample:
    """The smallest case that failed. It contains inputs: never shown where these are secret."""

    case: Case
    arguments: tuple[str, ...]
    expected: object
    got: object


@dataclass(frozen=True)
class Verdict:
    """The outcome of judging one function.

    Attributes
    ----------
    status : str
        One of a closed set; see `Status`.
    fraction : float
        The share of the points, 0 to 1.
    message : str
        What to tell the student. It holds no input and no expected value.
    misconceptions : tuple of str
        Names from the bank that reproduce the answer, empty if none does.
    tried : int
        How many cases were tried.
    counterexample : Counterexample or None
        For a student's own screen only.
    """

    status: Status
    fraction: float
    message: str
    misconceptions: tuple[str, ...] = ()
    tried: int = 0
    counterexample: Counterexample | None = field(default=None, repr=False, compare=False)


class Stopped(Exception):  # noqa: N818 - it reports how a call ended, which is not always an error
    """A call that ended without an answer: out of time, out of memory, killed.

    Parameters
    ----------
    status : str
        The verdict that this earns.
    message : str
        What to tell the student.
    """

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status = status


class Raised(Exception):  # noqa: N818 - it stands for another exception
    """An exception in another process, known only by its text, ``"ValueError: …"``."""


def judge(exercise: Exercise, call: Function, seed: int | Sequence[int]) -> Verdict:
    """Judge a function.

    In this order: it returns at all; type and shape; no NaN; properties; agreement with the
    reference. When it fails, the bank is searched for the mistake that gives the same answers;
    when none does, the first thing that went wrong is told.

    Parameters
    ----------
    exercise : Exercise
        What the function must do.
    call : callable
        The function under test, or a stand-in that passes the arguments on.
    seed : int or sequence of int
        From which the cases are drawn.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> from lgm.exercises.catalogue import catalogue
    >>> exercise = catalogue()["discrete_marginal.log_marginal"]
    >>> judge(exercise, exercise.reference, seed=1).status
    'correct'
    """
    cases = exercise.cases(np.random.default_rng(seed))
    failures: list[_Failure] = []
    passed: list[Case] = []
    for tried, case in enumerate(cases, start=1):
        try:
            failure = _try(exercise, call, case)
        except NotImplementedError:
            return Verdict("missing", 0.0, "Not written yet.", tried=tried)
        except Stopped as stop:
            return Verdict(stop.status, 0.0, str(stop), tried=tried)
        except MemoryError:
            return Verdict("memory", 0.0, "Your function ran out of memory.", tried=tried)
        if failure is None:
            passed.append(case)
        else:
            failures.append(failure)
    if not failures:
        return Verdict("correct", 1.0, "Right, on every case.", tried=len(cases))

    fraction = _fraction(cases, failures)
    smallest = min(failures, key=lambda failure: _size(failure.case))
    named = _diagnose(exercise, failures, passed)
    if named:
        message = " Or: ".join(mistake.message for mistake in named)
    else:
        message = _near_miss(exercise, failures) or smallest.problem
    if fraction:
        missed = _listed({failure.case.group for failure in failures})
        message = f"Right on the typical cases, wrong on: {missed}. {message}"
    raised = all(isinstance(failure.got, BaseException) for failure in failures)
    status: Status = "partial" if fraction else "error" if raised else "wrong"
    return Verdict(
        status,
        fraction,
        f"{message} Reread the part “{exercise.section}”.",
        tuple(mistake.name for mistake in named),
        len(cases),
        Counterexample(smallest.case, exercise.arguments, smallest.expected, smallest.got),
    )


@dataclass(frozen=True)
class _Failure:
    case: Case
    expected: Any
    got: Any  # what was returned, or the exception
    problem: str


def _try(exercise: Exercise, call: Function, case: Case) -> _Failure | None:
    """Call the function on copies of the arguments, and say what is wrong with the answer."""
    with np.errstate(all="ignore"):
        expected = exercise.reference(*_copies(case.args))
    try:
        got = call(*_copies(case.args))
    except (NotImplementedError, Stopped, MemoryError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        return _Failure(case, expected, error, f"Your function stopped with {_told(error)}.")
    with np.errstate(all="ignore"):
        problem = _problem(exercise, case, expected, got)
    return None if problem is None else _Failure(case, expected, got, problem)


def _problem(exercise: Exercise, case: Case, expected: Any, got: Any) -> str | None:
    """The first thing that is wrong with an answer, or None."""
    wanted = _arrays(expected)
    if len(wanted) > 1 and not (isinstance(got, tuple | list) and len(got) == len(wanted)):
        return (
            f"Your function should return {len(wanted)} results, {_listed(exercise.returns)}; "
            f"it returned {_kind(got)}."
        )
    parts = tuple(got) if len(wanted) > 1 else (got,)
    answer = []
    for name, part, want in zip(exercise.returns, parts, wanted, strict=True):
        array, problem = _as_array(name, part)
        if array is None:
            return problem
        if array.shape != want.shape:
            return _shape_problem(name, array, want)
        answer.append(array)
    for name, array in zip(exercise.returns, answer, strict=True):
        if np.isnan(array).any():
            return (
                f"{name} contains NaN ({int(np.isnan(array).sum())} of {array.size} values), as "
                "the logarithm of a negative number does, or zero divided by zero."
            )
    for claim in exercise.properties:
        whole = tuple(answer) if len(answer) > 1 else answer[0]
        if not claim.holds(whole, *_copies(case.args)):
            return claim.message
    for name, array, want in zip(exercise.returns, answer, wanted, strict=True):
        if not _agree(array, want):
            off = int((~_close(array, want)).sum())
            values = f"{off} of its {want.size} values are" if want.size > 1 else "its value is"
            return f"{name} has the right shape, but {values} wrong in this case: {case.label}."
    return None


def _as_array(name: str, part: Any) -> tuple[NDArray[Any] | None, str]:
    """The answer as an array of numbers, or None and why it is not one."""
    if part is None:
        return None, f"Your function returned None for {name}. Does every path end in a return?"
    try:
        array = np.asarray(part)
    except Exception:
        return None, f"{name} cannot be made into an array of numbers: {_kind(part)}."
    if array.dtype.kind not in "fiu":
        return None, f"{name} should hold real numbers; it holds {array.dtype} ({_kind(part)})."
    return array, ""


def _shape_problem(name: str, array: NDArray[Any], want: NDArray[Any]) -> str:
    problem = f"{name} has shape {array.shape}, expected {want.shape}."
    if array.ndim > 1 and array.T.shape == want.shape:
        return f"{problem} {_EXCHANGED}"
    if array.size == want.size and array.squeeze().shape == want.squeeze().shape:
        return (
            f"{problem} There is an axis of length 1 too many or too few (keepdims, or [:, None]?)."
        )
    if array.ndim == want.ndim and np.abs(np.subtract(array.shape, want.shape)).sum() == 1:
        off = "short" if array.size < want.size else "too long"
        return f"{problem} An axis is one {off}: where does a range or a slice begin and end?"
    return problem


def _diagnose(
    exercise: Exercise, failures: Sequence[_Failure], passed: Sequence[Case]
) -> tuple[Misconception, ...]:
    """The entries of the bank that reproduce the most wrong answers: two at least, and half.

    None is wrong on as many of the cases that passed: whoever made it would have failed there too.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        # What only breaks a property is too near the right answer to tell mistakes apart.
        failures = [each for each in failures if not _same(each.expected, each.got)]
        # Small cases cannot tell some either: a few of them are no diagnosis.
        enough = max(min(2, len(failures)), len(failures) / 2)
        reproduced = {
            mistake.name: sum(_same(_run(mistake, each.case), each.got) for each in failures)
            for mistake in exercise.misconceptions
        }
        possible = [
            mistake
            for mistake in exercise.misconceptions
            if reproduced[mistake.name] >= enough
            and reproduced[mistake.name]
            > sum(_try(exercise, mistake.implementation, case) is not None for case in passed)
        ]
    best = max((reproduced[mistake.name] for mistake in possible), default=0)
    return tuple(mistake for mistake in possible if reproduced[mistake.name] == best)


def _near_miss(exercise: Exercise, failures: Sequence[_Failure]) -> str | None:
    """A slip that can happen in any exercise, in one result or in several."""
    for message, slip in _SLIPS.items():
        with np.errstate(all="ignore"):
            slipped = [_slipped(exercise, slip, failure) for failure in failures]
        if all(slipped):
            several = len(exercise.returns) > 1
            return f"Look at {_listed(set().union(*slipped))}. {message}" if several else message
    return None


# What each makes of a right result; some have several ways to go wrong.
_SLIPS: Mapping[str, Callable[[NDArray[Any]], Sequence[NDArray[Any]]]] = {
    "Your values are the exponentials of the right ones. Are logarithms asked for, and not "
    "probabilities?": lambda want: [np.exp(want)],
    "Your values are the logarithms of the right ones. Are the probabilities themselves asked "
    "for?": lambda want: [np.log(want)],
    "The sign is the wrong way round.": lambda want: [np.negative(want)],
    _EXCHANGED: lambda want: [np.transpose(want)],
    "The values are right, but each stands one place from where it belongs. Where does your index "
    "begin?": lambda want: [
        np.roll(want, step, axis) for axis in range(want.ndim) for step in (1, -1)
    ],
}


def _slipped(exercise: Exercise, slip: Function, failure: _Failure) -> set[str]:
    """The results in which a slip explains the answer, if it explains all that is wrong in it."""
    wanted = _arrays(failure.expected)
    parts = failure.got if len(wanted) > 1 else (failure.got,)
    if not (isinstance(parts, tuple | list) and len(parts) == len(wanted)):
        return set()
    slipped = set()
    for name, want, got in zip(exercise.returns, wanted, parts, strict=True):
        if not _same(want, got):
            # The logarithm of a negative number is NaN, but nobody took it.
            if not any(_same(value, got) for value in slip(want) if not np.isnan(value).any()):
                return set()
            slipped.add(name)
    return slipped


def _run(mistake: Misconception, case: Case) -> Any:
    try:
        return mistake.implementation(*_copies(case.args))
    except Exception as error:
        return error


def _same(one: Any, other: Any) -> bool:
    """Whether two answers are alike; two exceptions are when they read alike."""
    if isinstance(one, BaseException) or isinstance(other, BaseException):
        return (
            isinstance(one, BaseException)
            and isinstance(other, BaseException)
            and _told(one) == _told(other)
        )
    if isinstance(one, tuple) and isinstance(other, list):
        other = tuple(other)
    try:
        ones, others = _arrays(one), _arrays(other)
        return len(ones) == len(others) and all(
            a.shape == b.shape and _agree(b, a) for a, b in zip(ones, others, strict=True)
        )
    except Exception:
        return False


def _agree(array: NDArray[Any], want: NDArray[Any]) -> bool:
    return bool(_close(array, want).all())


def _close(array: NDArray[Any], want: NDArray[Any]) -> NDArray[np.bool_]:
    # Single precision is a style, not a mistake: it is held to what it can give.
    single = array.dtype.kind == "f" and array.dtype.itemsize < 8
    rtol, atol = (1e-3, 1e-4) if single else (1e-6, 1e-9)
    close: NDArray[np.bool_] = np.isclose(array, want, rtol=rtol, atol=atol, equal_nan=True)
    return close


def _fraction(cases: Sequence[Case], failures: Sequence[_Failure]) -> float:
    groups = list(dict.fromkeys(case.group for case in cases))
    failed = {failure.case.group for failure in failures}
    if groups[0] in failed:
        return 0.0
    passed = sum(group not in failed for group in groups[1:])
    return round(FIRST_GROUP_SHARE + (1 - FIRST_GROUP_SHARE) * passed / (len(groups) - 1), 2)


def _arrays(output: Any) -> Output:
    parts = output if isinstance(output, tuple) else (output,)
    return tuple(np.asarray(part) for part in parts)


def _copies(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args)


def _size(case: Case) -> int:
    return sum(np.size(arg) for arg in case.args)


def _told(error: BaseException) -> str:
    return str(error) if isinstance(error, Raised) else f"{type(error).__name__}: {error}"


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    # An answer from another process may be known by the name of its type only.
    return f"one {getattr(value, 'kind', None) or type(value).__name__}"


def _listed(names: Sequence[str] | set[str]) -> str:
    *others, last = sorted(names) if isinstance(names, set) else names
    return f"{', '.join(others)} and {last}" if others else last
