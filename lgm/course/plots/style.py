"""How every figure of the course looks, and how it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
from cycler import cycler
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

__all__ = ["COLOURS", "INK", "figure", "png", "show"]

# Okabe & Ito (2008): told apart by all common kinds of colour vision. The figure keeps its own
# light ground, so that it reads on a dark page as well.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK = "#24292f"

_STYLE: Any = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.dpi": 96,
    "figure.facecolor": "#fdfdfb",
    "axes.facecolor": "#fdfdfb",
    "font.size": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@contextmanager
def figure(width: float = 7.0, height: float = 3.2) -> Iterator[Figure]:
    """Open a figure in the style of the course; sizes in inches."""
    with mpl.rc_context(_STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def show(fig: Figure, alt: str) -> None:
    """Show a figure, with the text that stands for it where it cannot be seen.

    Parameters
    ----------
    fig : Figure
        The figure.
    alt : str
        What is seen, in a sentence or two, with its numbers.
    """
    display(
        {"image/png": png(fig), "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )


def png(fig: Figure) -> bytes:
    """Draw a figure with as many colours as a drawing needs: a notebook should stay small."""
    drawn, packed = BytesIO(), BytesIO()
    fig.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        packed, format="png", optimize=True
    )
    return packed.getvalue()
