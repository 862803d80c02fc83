from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import gammaln

from lgm import SharedLatentModel, log_marginal, logsumexp, tempered_smc
from lgm.course.datasets import galaxies

# Neal 1999, Erroneous results in "Marginal likelihood from the Gibbs output", from 10⁸ draws from
# the prior. Chib 1995 (JASA 90) had −240.464, −228.620 and −224.138: his Gibbs sampler does not
# exchange the labels of the components.
PUBLISHED = {(2, "tied"): -239.76, (3, "tied"): -226.84, (3, "free"): -226.80}


@dataclass(frozen=True)
class Prior:
    """Means N(20, 100), variances IG(3, 20), weights Dirichlet(1), on the whole real line.

    A row is the K means, the logarithms of one or K variances, and K logits of a Dirichlet, which
    are logarithms of exponentials: their common factor is superfluous but harmless.
    """

    components: int
    variances: int

    def sample(self, size, rng=None):
        rng = np.random.default_rng(rng)
        means = rng.normal(20.0, 10.0, (size, self.components))
        log_variances = -np.log(rng.gamma(3.0, 1 / 20.0, (size, self.variances)))
        logits = np.log(rng.exponential(size=(size, self.components)))
        return np.concatenate([means, log_variances, logits], axis=1)

    def log_prob(self, z):
        means, log_variances, logits = self.parts(z)
        of_means = -0.5 * ((means - 20.0) / 10.0) ** 2 - np.log(10.0) - 0.5 * np.log(2 * np.pi)
        of_variances = (
            3 * np.log(20.0) - gammaln(3.0) - 3 * log_variances - 20 * np.exp(-log_variances)
        )
        of_logits = logits - np.exp(logits)
        return sum(part.sum(axis=1) for part in (of_means, of_variances, of_logits))

    def parts(self, z):
        return np.split(z, [self.components, self.components + self.variances], axis=1)


@dataclass(frozen=True)
class Galaxies(SharedLatentModel):
    """A mixture of normal distributions whose parameters are the hidden value of all galaxies."""

    prior: Prior

    def log_likelihood(self, x, z):
        means, log_variances, logits = self.prior.parts(z)
        log_weights = logits - logsumexp(logits, axis=1)[:, None]
        constants = log_weights - 0.5 * (log_variances + np.log(2 * np.pi))
        precisions = np.exp(-log_variances) * np.ones_like(means)
        terms = [
            c[:, None] - 0.5 * p[:, None] * (x - m[:, None]) ** 2
            for c, p, m in zip(constants.T, precisions.T, means.T, strict=True)
        ]
        return logsumexp(np.array(terms))

    def simulate(self, z, rng=None):
        raise NotImplementedError("the galaxies are observed")


@pytest.mark.slow
@pytest.mark.parametrize(("components", "variances"), PUBLISHED)
def test_the_evidence_for_clusters_of_galaxies(components, variances):
    model = Galaxies(Prior(components, 1 if variances == "tied" else components))
    x = galaxies() / 1000
    estimate = log_marginal(model, x, tempered_smc(model, x, 8000, rng=1))
    assert estimate.standard_error < 0.2
    expected = PUBLISHED[components, variances]
    assert_allclose(estimate.value, expected, atol=4 * estimate.standard_error + 0.005)
