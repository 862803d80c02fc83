"""Chapter 8, mixtures and EM: who made which point, what the makers look like, and their names."""

from lgm.exercises.mixtures_and_em.align_labels import ALIGN_LABELS
from lgm.exercises.mixtures_and_em.e_step import E_STEP
from lgm.exercises.mixtures_and_em.fit import FIT
from lgm.exercises.mixtures_and_em.m_step import M_STEP

__all__ = ["EXERCISES"]

EXERCISES = (E_STEP, M_STEP, FIT, ALIGN_LABELS)
