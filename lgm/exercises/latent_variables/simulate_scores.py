"""The exercise ``latent_variables.simulate_scores``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, misconception

__all__ = ["SIMULATE_SCORES"]


def simulate_scores(z, eps, loadings, intercepts, scales):
    return intercepts + z[:, None] * loadings + scales * eps


def _people_and_tests(rng: np.random.Generator) -> list[Case]:
    def case(n: int, p: int, label: str, group: str = "typical values", **given) -> Case:
        z, eps = rng.normal(size=n), rng.normal(size=(n, p))
        loadings = rng.permutation(np.linspace(-0.8, 2.0, p)) + rng.normal(0.0, 0.1, p)
        intercepts = rng.permutation(np.linspace(-2.0, 5.0, p)) + rng.normal(0.0, 0.1, p)
        scales = rng.permutation(np.linspace(0.4, 2.5, p))
        return Case(
            (
                z * given.get("spread", 1.0),
                eps,
                loadings * given.get("effect", 1.0),
                intercepts + given.get("shift", 0.0),
                scales * given.get("noise", 1.0),
            ),
            label,
            group,
        )

    single, special = "a single row or column", "extreme values"
    return [
        case(6, 3, "more people than tests"),
        case(3, 5, "more tests than people"),
        case(4, 4, "as many people as tests"),
        case(7, 2, "two tests"),
        case(1, 4, "a single person", single),
        case(5, 1, "a single test", single),
        case(1, 3, "a single person", single),
        case(5, 3, "hidden values in the thousands", special, spread=1000.0),
        case(4, 2, "scores around a thousand", special, shift=1000.0),
        case(5, 3, "tests without noise", special, noise=0.0),
        case(4, 3, "tests that do not depend on the hidden variable", special, effect=0.0),
    ]


@misconception(
    "You returned the expected scores, without noise.",
    "The hidden variable and the loadings are the new part; but two people of equal ability do not "
    "get equal scores.",
)
def expected_scores(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, loadings)


@misconception(
    "You added eps as it comes, not multiplied by the scales.",
    "eps already is noise; but it is standard noise, of scale one, and every test has its own.",
)
def standard_noise(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, loadings) + eps


@misconception(
    "You took the scales for variances.",
    "Many formulas state noise by its variance; in this course a scale is a standard deviation, in "
    "the units of x.",
)
def scales_as_variances_of_noise(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, loadings) + np.sqrt(scales) * eps


@misconception(
    "You left out the intercepts.",
    "They carry no information about a person, so they seem not to matter; but they set the level "
    "of each test, which is where its average score lies.",
)
def forgets_intercepts(z, eps, loadings, intercepts, scales):
    return np.outer(z, loadings) + scales * eps


@misconception(
    "You used z as it comes, without the loadings, so that every test measures it equally well.",
    "All tests share the one hidden variable; but each responds to it in its own measure, and some "
    "in the opposite direction.",
)
def forgets_loadings(z, eps, loadings, intercepts, scales):
    return intercepts + z[:, None] + scales * eps


@misconception(
    "You dropped the signs of the loadings.",
    "More ability should mean a higher score, so a negative loading looks like a slip; but a test "
    "may count errors, or seconds.",
)
def loadings_without_sign(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, np.abs(loadings)) + scales * eps


@misconception(
    "You gave a person the same noise on every test.",
    "Each person has one hidden value, and it is easy to give them one noise as well; but then the "
    "noise is a second hidden variable that ties the tests together.",
)
def one_noise_per_person(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, loadings) + scales * eps[:, :1]


@misconception(
    "You gave all people the same noise on a test.",
    "Loadings, intercepts and scales are one for each test, and the noise seems to be too; but it "
    "is one for each person on each test.",
)
def one_noise_per_test(z, eps, loadings, intercepts, scales):
    return intercepts + np.outer(z, loadings) + scales * eps[:1]


@misconception(
    "You passed the noise through the loadings, together with z.",
    "Adding the noise to the ability first looks like the same recipe; but the noise belongs to "
    "the test, and a test that ignores z has noise all the same.",
)
def noise_through_loadings(z, eps, loadings, intercepts, scales):
    return intercepts + loadings * (z[:, None] + scales * eps)


@misconception(
    "You added the intercepts before multiplying by the loadings.",
    "One bracket in the wrong place does it; the intercept is the score expected at z = 0, so it "
    "must not be scaled by how strongly the test responds to z.",
)
def intercepts_through_loadings(z, eps, loadings, intercepts, scales):
    return loadings * (z[:, None] + intercepts) + scales * eps


@misconception(
    "You made the noise multiply the score instead of adding to it.",
    "Larger scores with larger errors are common elsewhere; in this recipe the size of the noise "
    "depends on the test alone.",
)
def multiplicative_noise(z, eps, loadings, intercepts, scales):
    return (intercepts + np.outer(z, loadings)) * (1.0 + scales * eps)


@misconception(
    "You laid z along the tests: there is no axis that keeps people and tests apart.",
    "Two vectors multiply without complaint when they are equally long; but z has one value for "
    "each row, and the loadings have one for each column.",
)
def z_along_the_tests(z, eps, loadings, intercepts, scales):
    return intercepts + loadings * z + scales * eps


@misconception(
    "You laid the loadings along the people.",
    "The new axis has to go somewhere, and it went to the wrong vector; rows are people, columns "
    "are tests.",
)
def loadings_along_the_people(z, eps, loadings, intercepts, scales):
    return intercepts + z * loadings[:, None] + scales * eps


@misconception(
    "You returned tests as rows and people as columns.",
    "In later chapters the hidden axis comes first, and this looks like it; here the rows of x are "
    "observations, as everywhere in the course.",
)
def tests_by_people(z, eps, loadings, intercepts, scales):
    return (intercepts + np.outer(z, loadings) + scales * eps).T


@misconception(
    "You replaced negative scores by zero.",
    "A real test has no negative points; the recipe is a model, and cutting its lower end off "
    "changes the means and the correlations.",
)
def no_negative_scores(z, eps, loadings, intercepts, scales):
    return np.maximum(intercepts + np.outer(z, loadings) + scales * eps, 0.0)


@misconception(
    "You rounded the scores to whole numbers.",
    "Points on a test are whole numbers; this recipe makes continuous scores, and nothing in it "
    "says round.",
)
def whole_points(z, eps, loadings, intercepts, scales):
    return np.round(intercepts + np.outer(z, loadings) + scales * eps)


@misconception(
    "You added up the tests into one score for each person.",
    "A total is what a school reports; but the tests are the observations, and their pattern is "
    "what tells about z.",
)
def total_score(z, eps, loadings, intercepts, scales):
    return (intercepts + np.outer(z, loadings) + scales * eps).sum(axis=1)


SIMULATE_SCORES = Exercise(
    name="latent_variables.simulate_scores",
    returns=("x",),
    section="One hidden number behind many scores",
    reference=simulate_scores,
    cases=_people_and_tests,
    misconceptions=(
        expected_scores,
        standard_noise,
        scales_as_variances_of_noise,
        forgets_intercepts,
        forgets_loadings,
        loadings_without_sign,
        one_noise_per_person,
        one_noise_per_test,
        noise_through_loadings,
        intercepts_through_loadings,
        multiplicative_noise,
        z_along_the_tests,
        loadings_along_the_people,
        tests_by_people,
        no_negative_scores,
        whole_points,
        total_score,
    ),
)
