import numpy as np

from lgm import Categorical, Mixture, Normal, enumerate_support, log_marginal, log_posterior
from lgm.course.datasets import old_faithful

# Benaglia, Chauveau, Hunter & Young 2009, mixtools: An R Package for Analyzing Finite Mixture
# Models, J. Stat. Softw. 32(6). Their EM starts here and stops after nine iterations, when the
# log likelihood gains less than 1e-8; at the maximum itself the means are 54.61363 and 80.09030.
START = Mixture(Categorical([0.5, 0.5]), [Normal(55.0, 5.0), Normal(80.0, 5.0)])
ITERATIONS = 9


def em_step_with_equal_variances(model, x):
    r = np.exp(log_posterior(model, x, enumerate_support(model.prior)))
    means = r @ x / r.sum(axis=1)
    scale = np.sqrt((r * (x - means[:, None]) ** 2).sum() / len(x))
    return Mixture(Categorical(r.mean(axis=1)), [Normal(mean, scale) for mean in means])


def test_two_normals_with_equal_variances_on_the_waiting_times():
    waiting = old_faithful()[:, 1]
    model = START
    for _ in range(ITERATIONS):
        model = em_step_with_equal_variances(model, waiting)

    log_likelihood = log_marginal(model, waiting, enumerate_support(model.prior)).sum()
    assert round(log_likelihood, 3) == -1034.002
    assert round(model.prior.weights[0], 5) == 0.36085
    assert [round(float(c.mean), 5) for c in model.components] == [54.61364, 80.09031]
    assert [round(float(c.scale), 5) for c in model.components] == [5.86909, 5.86909]
