from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lgm import SharedLatentModel, log_marginal, tempered_smc

# Feroz, Hobson & Bridges 2009, MultiNest, MNRAS 398, table 1 (analytical): log Z by dimension.
PUBLISHED = {2: -1.75, 5: -5.67, 10: -14.59}
DRAWS = {2: 4000, 5: 8000, 10: 16000}


@dataclass(frozen=True)
class Cube:
    """The uniform distribution on ±half in every direction."""

    half: float
    dimensions: int

    def log_prob(self, x):
        inside = (np.abs(x) <= self.half).all(axis=-1)
        return np.where(inside, -self.dimensions * np.log(2 * self.half), -np.inf)

    def sample(self, size, rng=None):
        rng = np.random.default_rng(rng)
        return rng.uniform(-self.half, self.half, (size, self.dimensions))


@dataclass(frozen=True)
class Shells(SharedLatentModel):
    """Two thin spherical shells of radius 2 and width 0.1, around ±3.5 on the first axis."""

    prior: Cube

    def log_likelihood(self, x, z):
        centre = np.zeros(self.prior.dimensions)
        centre[0] = 3.5
        radii = [np.linalg.norm(z - c, axis=1) for c in (-centre, centre)]
        log_shells = [
            -0.5 * ((r - 2.0) / 0.1) ** 2 - np.log(0.1 * np.sqrt(2 * np.pi)) for r in radii
        ]
        return np.logaddexp(*log_shells)[:, None]

    def simulate(self, z, rng=None):
        raise NotImplementedError("the likelihood is of no data")


@pytest.mark.parametrize("dimensions", PUBLISHED)
def test_the_evidence_of_two_thin_shells(dimensions):
    model = Shells(Cube(6.0, dimensions))
    estimate = log_marginal(model, [0.0], tempered_smc(model, [0.0], DRAWS[dimensions], rng=1))
    assert estimate.standard_error < 0.2
    # The published values are rounded to 0.01.
    assert_allclose(estimate.value, PUBLISHED[dimensions], atol=4 * estimate.standard_error + 0.005)
