from lgm import Categorical, Mixture, Normal, em
from lgm.course.datasets import old_faithful

# Benaglia, Chauveau, Hunter & Young 2009, mixtools: An R Package for Analyzing Finite Mixture
# Models, J. Stat. Softw. 32(6). Their EM starts here and stops after nine iterations, when the
# log likelihood gains less than 1e-8; at the maximum itself the means are 54.61363 and 80.09030.
START = Mixture(Categorical([0.5, 0.5]), Normal([55.0, 80.0], 5.0))
STEPS = 9


def test_two_normals_with_equal_variances_on_the_waiting_times():
    result = em(START, old_faithful()[:, 1], max_steps=STEPS, tolerance=0.0)
    model = result.model
    assert round(result.log_likelihoods[-1], 3) == -1034.002
    assert round(model.prior.weights[0], 5) == 0.36085
    assert model.components.mean.round(5).tolist() == [54.61364, 80.09031]
    assert model.components.scale.round(5) == 5.86909
