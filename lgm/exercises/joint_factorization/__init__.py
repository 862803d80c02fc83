"""Chapter 2, the joint: prior times likelihood, its margins, and its two factorizations."""

from lgm.exercises.joint_factorization.conditionals import CONDITIONALS
from lgm.exercises.joint_factorization.joint_table import JOINT_TABLE
from lgm.exercises.joint_factorization.log_joint import LOG_JOINT
from lgm.exercises.joint_factorization.marginals import MARGINALS

__all__ = ["EXERCISES"]

EXERCISES = (JOINT_TABLE, LOG_JOINT, MARGINALS, CONDITIONALS)
