import numpy as np
import pytest

from lgm import Beta, BetaBernoulli

# log B(a + 50, b + 50) − log B(a, b), the sequence of 50 ones and 50 zeros in any order.
PUBLISHED = {(1, 1): -71.39896, (20, 20): -69.94556, (30, 30): -69.80774}


@pytest.mark.parametrize("prior", PUBLISHED)
def test_fifty_heads_in_a_hundred_tosses(prior):
    tosses = np.repeat([1, 0], 50)
    assert round(BetaBernoulli(Beta(*prior)).log_marginal(tosses), 5) == PUBLISHED[prior]
