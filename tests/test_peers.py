"""What other packages compute as well, we compute alike; and where they lose digits, we do not."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hmmlearn.hmm import GaussianHMM, PoissonHMM
from numpy.testing import assert_allclose
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.mixture import GaussianMixture
from statsmodels.multivariate.factor import Factor

from lgm import (
    Beta,
    Categorical,
    Gamma,
    HiddenMarkovModel,
    LinearGaussian,
    Mixture,
    MultivariateNormal,
    Normal,
    Poisson,
    em,
    enumerate_support,
    log_posterior,
    logsumexp,
)
from lgm.estimates import pareto_k

RNG = np.random.default_rng(0)
CENTRES = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, -2.0], [0.0, 5.0, 3.0]])
CLOUDS = np.concatenate(
    [RNG.normal(c, [1.0, 0.5, 2.0], (n, 3)) for c, n in zip(CENTRES, (80, 50, 30), strict=True)]
)
SCATTER = np.cov(CLOUDS.T)


# --- scikit-learn ------------------------------------------------------------------------------


def same_start(covariance_type, covariances):
    """The same mixture for scikit-learn, which must be told precisions, and for us."""
    if covariance_type in {"full", "tied"}:
        precisions = np.linalg.inv(covariances)
        components = MultivariateNormal(CENTRES, covariances)
    else:
        precisions = 1 / covariances
        scales = np.sqrt(covariances)
        components = Normal(CENTRES, scales if scales.ndim == 2 else scales[:, None])
    theirs = GaussianMixture(
        3, covariance_type=covariance_type, weights_init=np.full(3, 1 / 3), means_init=CENTRES,
        precisions_init=precisions, reg_covar=0.0, tol=1e-12, max_iter=2000,
    )  # fmt: skip
    return theirs, Mixture(Categorical(np.full(3, 1 / 3)), components)


@pytest.mark.parametrize(
    ("covariance_type", "covariances"),
    [
        ("full", np.tile(SCATTER, (3, 1, 1))),
        ("tied", SCATTER),
        ("diag", np.tile(np.diag(SCATTER), (3, 1))),
        ("spherical", np.full(3, np.trace(SCATTER) / 3)),
    ],
)
def test_em_ends_where_scikit_learn_ends(covariance_type, covariances):
    theirs, start = same_start(covariance_type, covariances)
    theirs.fit(CLOUDS)
    ours = em(start, CLOUDS, tolerance=1e-10)
    assert_allclose(ours.log_likelihoods[-1], theirs.score(CLOUDS) * len(CLOUDS), rtol=1e-9)
    model = ours.model
    assert_allclose(model.prior.weights, theirs.weights_, rtol=1e-4)
    assert_allclose(model.components.mean, theirs.means_, rtol=1e-4, atol=1e-4)
    rule = enumerate_support(model.prior)
    responsibilities = np.exp(log_posterior(model, CLOUDS, rule)).T
    assert_allclose(responsibilities, theirs.predict_proba(CLOUDS), atol=1e-4)


def test_far_from_the_origin_scikit_learns_expanded_square_loses_what_we_keep():
    # For diagonal and spherical covariances scikit-learn expands (x − μ)² = x² − 2xμ + μ².
    offset = 1e8
    theirs, near = same_start("diag", np.tile(np.diag(SCATTER), (3, 1)))
    theirs.means_init = CENTRES + offset
    with pytest.raises(ValueError, match="ill-defined empirical covariance"):
        theirs.fit(CLOUDS + offset)
    far = Mixture(near.prior, Normal(near.components.mean + offset, near.components.scale))
    ours = em(far, CLOUDS + offset, max_steps=20)
    assert_allclose(ours.log_likelihoods, em(near, CLOUDS, max_steps=20).log_likelihoods, rtol=1e-7)


def test_principal_components_and_factors_have_scikit_learns_likelihood():
    loadings = np.array([[2.0, 0.0], [1.5, 0.5], [1.0, 1.0], [0.5, 1.5], [0.0, 2.0], [1.0, -1.0]])
    x = RNG.normal(size=(400, 2)) @ loadings.T + RNG.normal(size=(400, 6)) + 3.0
    start = LinearGaussian(loadings, x.mean(axis=0), 1.0)
    ours = em(start, x, tolerance=1e-9, max_steps=10**4)
    theirs = PCA(2).fit(x)
    # scikit-learn divides the sample covariance by N − 1, which is not the likeliest.
    covariance = theirs.get_covariance() * (len(x) - 1) / len(x)
    expected = scipy.stats.multivariate_normal(x.mean(axis=0), covariance).logpdf(x).sum()
    assert_allclose(ours.log_likelihoods[-1], expected, rtol=1e-8)

    start = LinearGaussian(start.loadings, start.mean, np.ones(6))
    ours = em(start, x, tolerance=1e-8, max_steps=10**4)
    theirs = FactorAnalysis(2, tol=1e-8, max_iter=10**4, svd_method="lapack").fit(x)
    assert_allclose(ours.log_likelihoods[-1], theirs.score(x) * len(x), rtol=1e-6)


# --- statsmodels -------------------------------------------------------------------------------


def test_factor_analysis_agrees_with_statsmodels():
    loadings = np.array([[0.9, 0.0], [0.8, 0.2], [0.7, 0.0], [0.0, 0.8], [0.1, 0.7], [0.0, 0.6]])
    x = RNG.normal(size=(500, 2)) @ loadings.T + 0.6 * RNG.normal(size=(500, 6))
    standardized = (x - x.mean(axis=0)) / x.std(axis=0)
    theirs = Factor(endog=standardized, n_factor=2, method="ml").fit()
    start = LinearGaussian(loadings, np.zeros(6), np.full(6, 0.5))
    ours = em(start, standardized, tolerance=1e-8, max_steps=10**4).model
    assert_allclose(ours.variance, theirs.uniqueness, atol=1e-3)
    assert_allclose(ours.loadings @ ours.loadings.T, theirs.loadings @ theirs.loadings.T, atol=2e-3)


# --- hmmlearn ----------------------------------------------------------------------------------


@pytest.mark.parametrize("implementation", ["log", "scaling"])
def test_a_hidden_markov_model_agrees_with_hmmlearn(implementation):
    initial, transition = np.array([0.5, 0.3, 0.2]), RNG.dirichlet(np.ones(3), size=3)
    mean, scale = np.array([-1.0, 0.0, 3.0]), np.array([0.5, 1.0, 2.0])
    theirs = GaussianHMM(3, "diag", implementation=implementation)
    theirs.startprob_, theirs.transmat_, theirs.n_features = initial, transition, 1
    theirs.means_, theirs.covars_ = mean[:, None], scale[:, None] ** 2
    ours = HiddenMarkovModel(Categorical(initial), transition, Normal(mean, scale))
    _, x = ours.sample(2000, rng=1)
    log_likelihood, states = theirs.score_samples(x[:, None])
    assert_allclose(ours.log_marginal(x), log_likelihood, rtol=1e-10)
    assert_allclose(np.exp(ours.log_posterior(x)).T, states, atol=1e-9)


def test_regimes_are_fitted_as_by_hmmlearn():
    truth = HiddenMarkovModel(
        Categorical([0.5, 0.5]), [[0.9, 0.1], [0.2, 0.8]], Poisson([2.0, 9.0])
    )
    _, x = truth.sample(600, rng=2)
    theirs = PoissonHMM(2, n_iter=500, tol=1e-9, init_params="", params="stl", lambdas_prior=0.0)
    theirs.startprob_, theirs.transmat_ = np.array([0.5, 0.5]), truth.transition
    theirs.lambdas_ = np.array([[1.0], [5.0]])
    theirs.fit(x[:, None])
    start = HiddenMarkovModel(truth.initial, truth.transition, Poisson([1.0, 5.0]))
    ours = em(start, x, tolerance=1e-9)
    assert_allclose(ours.log_likelihoods[-1], theirs.score(x[:, None]), rtol=1e-8)
    assert_allclose(ours.model.components.rate, theirs.lambdas_[:, 0], rtol=1e-4)
    assert_allclose(ours.model.transition, theirs.transmat_, atol=1e-4)


# --- scipy -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 1000), (10, 7), (1, 5)])
def test_logsumexp_agrees_with_scipy(shape):
    a = 500 * RNG.normal(size=shape)
    assert_allclose(logsumexp(a), scipy.special.logsumexp(a, axis=0), rtol=1e-13)


def test_quantiles_agree_with_scipy():
    u = np.linspace(0.01, 0.99, 21)
    assert_allclose(Normal(2.0, 3.0).quantile(u), scipy.stats.norm(2.0, 3.0).ppf(u))
    assert_allclose(Beta(2.0, 5.0).quantile(u), scipy.stats.beta(2.0, 5.0).ppf(u))
    assert_allclose(Gamma(2.5, 4.0).quantile(u), scipy.stats.gamma(2.5, scale=0.25).ppf(u))


@pytest.mark.parametrize("shape", [-0.2, 0.3, 0.7, 1.5])
def test_the_tail_of_weights_has_the_shape_that_they_were_drawn_with(shape):
    weights = scipy.stats.genpareto(shape).rvs(size=(200_000, 4), random_state=1)
    assert_allclose(pareto_k(np.log(weights)), shape, atol=0.2)
