"""All that a notebook needs: ``from lgm.course import check, datasets, plots``."""

from lgm.course import datasets, plots
from lgm.course.check import check

__all__ = ["check", "datasets", "plots"]
