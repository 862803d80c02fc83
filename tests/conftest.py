"""What holds for every test."""

import os

# Small matrices: more threads than one only wait for each other. Set before numpy is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings

# The same examples in every run, and no deadline: a busy machine is not a failure.
settings.register_profile("lgm", deadline=None, derandomize=True)
settings.load_profile("lgm")
