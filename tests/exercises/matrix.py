"""Write README.md: what the judge was tried on, function by function, and what it named.

``python tests/exercises/matrix.py`` measures all functions, ``matrix.py NAME ...`` those alone, or
those of a chapter.
"""

import sys
import textwrap
import warnings
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, groupby, repeat
from pathlib import Path

import numpy as np
from bank import EXERCISES, RIGHT, STYLES, alike, remembered, verdict_on
from matplotlib.colors import LinearSegmentedColormap, Normalize
from mutants import EQUIVALENT, mutants_of, survives

from lgm.course.check import PUBLIC_SEED as SEED
from lgm.course.plots.style import COLOURS, INK, figure, png

PAGE = Path(__file__).with_name("README.md")
PICTURE = PAGE.with_name("matrix.png")
TITLE = """# What the judge was tried on

A row for each graded function:

- *bank*: mistakes that people make, each with a name and a message. All are rejected and named.
- *right*: right answers in different styles. All score full, on a hundred seeds.
- *mutants*: the reference and the notebook's solution with one small change each, made by machine;
  *equivalent*: those of them that are right all the same, each
  [with its reason](equivalent_mutants.toml). All others are rejected.
- *restyled*: the bank's mistakes as somebody else would write them (as lists, rounded, in single
  precision, ...), and how many of these keep their name. No right answer is given one.
- *in twos*: two mistakes at once, both deviations added. All are rejected but
  [those that cancel](test_naming.py). Where one of the two *dominates*, how often it is named.

![The same as a heat map](matrix.png)

Made by `make matrix`, held by `test_banks.py`, `test_mutants.py` and `test_naming.py`.
"""
HEAD = ("function", "bank", "right", "mutants", "equivalent", "restyled", "named", "in twos",
        "dominated", "named")  # fmt: skip


def styled(exercise):
    """Each mistake of the bank as somebody else would write it, unless that makes it right."""
    exercise = remembered(exercise)
    for mistake in exercise.misconceptions:
        for style, restyled in STYLES.items():
            answer = restyled(exercise, mistake.implementation)
            verdict = verdict_on(exercise, answer, SEED)
            if verdict.fraction < 1.0:
                yield mistake.name, style, verdict


def in_twos(exercise):
    """Every two mistakes whose results have the right shapes, made at once.

    Both deviations from the right answer are added. Yields the two names; the one of them that
    dominates, because at least half of all that is wrong is its doing alone, or None; and the
    verdict.
    """
    exercise = remembered(exercise)
    cases = exercise.cases(None)
    right = [_results(exercise, exercise.reference, case) for case in cases]
    made = {}
    for mistake in exercise.misconceptions:
        with suppress(Exception):  # some of them stop in some cases
            results = [_results(exercise, mistake.implementation, case) for case in cases]
            if _shapes(results) == _shapes(right):
                pairs = zip(results, right, strict=True)
                made[mistake.name] = results, np.array([not alike(exercise, *p) for p in pairs])
    without_bank = replace(exercise, misconceptions=())
    for (one, (a, by_one)), (other, (b, by_other)) in combinations(made.items(), 2):
        alone = {one: (by_one & ~by_other).sum(), other: (by_other & ~by_one).sum()}
        largest = max(alone, key=alone.get)
        dominates = alone[largest] >= max(2, (by_one | by_other).sum() / 2)
        answers = map(_added, right, a, b)
        # The bank is searched only where it may have an answer.
        verdict = verdict_on(
            exercise if dominates else without_bank, lambda *_, each=answers: next(each), SEED
        )
        yield one, other, largest if dominates else None, verdict


def _results(exercise, function, case):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        output = function(*case.args)
    if len(exercise.returns) == 1:
        return np.asarray(output)
    return tuple(map(np.asarray, output))


def _shapes(results):
    return [list(map(np.shape, r)) if isinstance(r, tuple) else r.shape for r in results]


def _added(right, a, b):
    if isinstance(right, tuple):
        return tuple(map(_added, right, a, b))
    with np.errstate(all="ignore"):
        return np.where(a == right, b, np.where(b == right, a, a + b - right))


def measured(exercise):
    """The figures of a row, in the order of the table's head."""
    tried = list(mutants_of(exercise.name))
    survivors = sum(survives(exercise.name, mutant) for mutant in tried)
    assert bool(survivors) == bool(EQUIVALENT.get(exercise.name))
    restyled = [name in verdict.misconceptions for name, _, verdict in styled(exercise)]
    pairs = list(in_twos(exercise))
    dominated = [largest in verdict.misconceptions for *_, largest, verdict in pairs if largest]
    return (
        *(len(exercise.misconceptions), len(RIGHT[exercise.name])),
        *(len(tried), survivors),
        *(len(restyled), sum(restyled)),
        *(len(pairs), len(dominated), sum(dominated)),
    )


def known():
    """The figures that the page holds already, by function."""
    lines = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {name: tuple(map(int, row)) for name, *row in rows if "." in name}


def write(rows):
    """Write the page."""
    total = ("**all**", *(sum(column) for column in zip(*rows.values(), strict=True)))
    lines = [HEAD, ["---", *["---:"] * (len(HEAD) - 1)], *((n, *row) for n, row in rows.items())]
    table = "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in [*lines, total])
    PAGE.write_text(f"{TITLE}\n{table}", encoding="utf-8")


def draw(rows):
    """Draw the page's figures: counts in shades of blue, percentages in shades of green."""
    bank, right, made, equal, restyled, kept, twos, dominated, named = np.array([*rows.values()]).T
    columns = {
        "mistakes in the bank": bank,
        "right answers": right,
        "mutants": made,
        "of these equivalent": equal,
        "mistakes in twos": twos,
        "restyled, named %": 100 * kept / restyled,
        "dominating, named %": 100 * named / np.where(dominated, dominated, np.nan),
    }
    with figure(7.4, 9.0) as fig:
        ax = fig.subplots()
        for x, (title, column) in enumerate(columns.items()):
            colour, low = (COLOURS[2], 80) if "%" in title else (COLOURS[0], 0)
            shades = LinearSegmentedColormap.from_list(title, [ax.get_facecolor(), colour])
            share = (column - low) / max(np.nanmax(column) - low, 1)
            ax.imshow(share[:, None], shades, Normalize(0, 1), extent=(x, x + 1, len(rows), 0))
            for y, (value, dark) in enumerate(zip(column, share > 0.6, strict=True)):
                told, ink = "" if np.isnan(value) else f"{value:.0f}", "white" if dark else INK
                ax.text(x + 0.5, y + 0.5, told, color=ink, size=8, ha="center", va="center")
        ax.set(xlim=(0, len(columns)), ylim=(len(rows), 0), aspect="auto")
        names = [name.rpartition(".")[2] for name in rows]
        ax.set_yticks(np.arange(len(rows)) + 0.5, names, size=8)
        ax.set_xticks(
            np.arange(len(columns)) + 0.5, map(textwrap.fill, columns, repeat(13)), size=8
        )
        ax.tick_params(length=0, top=True, labeltop=True, labelbottom=False)
        ax.spines[:].set_visible(False)
        chapters = [
            len([*group]) for _, group in groupby(rows, lambda name: name.partition(".")[0])
        ]
        ax.hlines(np.cumsum(chapters)[:-1], 0, len(columns), color=ax.get_facecolor(), lw=4)
        PICTURE.write_bytes(png(fig))


def main():
    """Measure what is named, or all, and write the page as it grows."""
    wanted = set(sys.argv[1:])
    rows = known()
    for exercise in EXERCISES:
        if not wanted or wanted & {exercise.name, exercise.name.partition(".")[0]}:
            rows[exercise.name] = measured(exercise)
            print(exercise.name, *rows[exercise.name], flush=True)
            rows = {each.name: rows[each.name] for each in EXERCISES if each.name in rows}
            write(rows)
    draw(rows)


if __name__ == "__main__":
    main()
