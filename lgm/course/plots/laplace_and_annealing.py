"""The figures of chapter 6: a normal at the top, the ladder, two sides that meet, galaxies."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "error_against_rungs",
    "evidence_for_clusters",
    "ladder_of_temperatures",
    "mode_and_curvature",
    "weights_from_both_sides",
]

_MARKERS = ("o", "X", "s", "D")
_LINES = ("-", "--", ":")


def mode_and_curvature(
    panels: Mapping[str, tuple[ArrayLike, ArrayLike, float, float, float]],
    z_labels: tuple[str, ...],
) -> None:
    """Show posteriors, and for each the normal curve with the same top and the same curvature.

    Parameters
    ----------
    panels : mapping of str to tuple
        By title: hidden values of shape (G,), increasing; log joint density there, of shape (G,);
        the mode; the second derivative of the log joint at the mode; the true log marginal.
    z_labels : tuple of str
        What each panel's hidden value is, with its unit.
    """
    told = []
    with figure(9.6, 3.6) as fig:
        for axes, label, (title, (z, log_joint, mode, curvature, log_px)) in zip(
            np.atleast_1d(fig.subplots(1, len(panels))), z_labels, panels.items(), strict=True
        ):
            at = np.asarray(z, dtype=float)
            posterior = np.exp(np.asarray(log_joint, dtype=float) - log_px)
            top = float(np.interp(mode, at, posterior))
            area = top * np.sqrt(2 * np.pi / -curvature)
            axes.fill_between(at, posterior, color=COLOURS[0], alpha=0.25, linewidth=0)
            axes.plot(at, posterior, color=COLOURS[0], label="posterior")
            normal = top * np.exp(0.5 * curvature * (at - mode) ** 2)
            axes.plot(at, normal, "--", color=COLOURS[1], label="normal at the top")
            axes.plot([mode], [top], "o", color=INK, markersize=5)
            axes.set(xlabel=label, title=f"{title}\narea {area:.3f} of the truth")
            axes.set_ylim(0, 1.08 * max(top, posterior.max()))
            told.append(
                f"{title}: mode at {mode:.2f}, scale {(-curvature) ** -0.5:.2f}, area under the "
                f"normal {area:.3f} of that under the joint"
            )
        fig.axes[0].set_ylabel("density")
        handles = fig.axes[0].get_legend_handles_labels()
        fig.legend(*handles, loc="outside lower center", ncols=2, fontsize=9)
        show(
            fig,
            f"{len(told)} posteriors, each with a dashed normal curve of the same height and "
            f"curvature at the mode. {'; '.join(told)}.",
        )


def ladder_of_temperatures(
    z: ArrayLike, log_densities: ArrayLike, particles: ArrayLike, betas: ArrayLike, z_label: str
) -> None:
    """Show the way from the prior, at the bottom, to the posterior, at the top.

    Parameters
    ----------
    z : array_like of shape (G,)
        Hidden values, evenly spaced and increasing.
    log_densities : array_like of shape (R, G)
        Log of prior times likelihood to the power β, unnormalised, for each β shown.
    particles : array_like of shape (R, S)
        Where the particles stand at each of them, after their move.
    betas : array_like of shape (R,)
        The β of each row, from 0 to 1.
    z_label : str
        What the hidden value is, with its unit.
    """
    at, b = np.asarray(z, dtype=float), np.asarray(betas, dtype=float)
    density = np.asarray(log_densities, dtype=float)
    density = np.exp(density - density.max(axis=1, keepdims=True))
    density /= density.sum(axis=1, keepdims=True) * (at[1] - at[0])
    places = np.asarray(particles, dtype=float)
    edges = np.linspace(at[0], at[-1], 71)
    with figure(7.8, 5.0) as fig:
        axes = fig.subplots()
        for row in range(len(b)):
            base, factor = row, 0.85 / density[row].max()  # each row has a scale of its own
            count = np.histogram(places[row], edges, density=True)[0]
            axes.stairs(
                base + factor * count, edges, baseline=base, fill=True, color=COLOURS[5], alpha=0.7
            )
            axes.plot(at, base + factor * density[row], color=COLOURS[0], linewidth=1.4)
        axes.set_yticks(np.arange(len(b)), [f"{value:.2g}" for value in b])
        axes.plot([], [], color=COLOURS[0], label=r"$p(z)\,p(x \mid z)^\beta$")
        axes.plot([], [], color=COLOURS[5], linewidth=6, label="particles")
        axes.legend(loc="upper right", fontsize=9)
        axes.set(xlabel=z_label, ylabel=r"$\beta$ (0: prior, 1: posterior)")
        axes.set_ylim(-0.1, len(b) + 0.15)
        left = float(np.mean(places[-1] < 0))
        show(
            fig,
            f"{len(b)} rows from the prior at the bottom (β = 0) to the posterior at the top "
            f"(β = 1), each with its density and a histogram of {places.shape[1]} particles. One "
            f"wide hill parts into two narrow ones; at the top {left:.0%} of the particles stand "
            f"left of zero.",
        )


def error_against_rungs(
    rungs: ArrayLike, estimates: ArrayLike, log_px: float, others: Mapping[str, float]
) -> None:
    """Show estimates of many runs against the number of steps on the ladder.

    Parameters
    ----------
    rungs : array_like of shape (M,)
        Numbers of steps.
    estimates : array_like of shape (M, R)
        Log marginal by R runs with each.
    log_px : float
        The truth.
    others : mapping of str to float
        Estimates by other means, drawn as lines.
    """
    t, values = np.asarray(rungs, dtype=float), np.asarray(estimates, dtype=float)
    with figure(7.8, 3.9) as fig:
        axes = fig.subplots()
        axes.axhline(log_px, color=INK, linewidth=1.2, label="truth")
        for n, (name, value) in enumerate(others.items(), start=1):
            axes.axhline(value, color=COLOURS[n], linestyle="--", linewidth=1.2, label=name)
        axes.semilogx(
            np.repeat(t, values.shape[1]),
            values.ravel(),
            "o",
            color=COLOURS[0],
            markersize=5,
            alpha=0.6,
            markeredgewidth=0,
            label=f"annealing, {values.shape[1]} runs each",
        )
        axes.set_xticks(t, [f"{n:g}" for n in t])
        axes.minorticks_off()
        axes.legend(loc="lower right", fontsize=9)
        axes.set(xlabel="steps from prior to posterior", ylabel=r"$\log\,p(x)$")
        middle = np.median(values, axis=1)
        lines = "".join(f" {name}: {value:.2f}." for name, value in others.items())
        show(
            fig,
            f"Estimates of the log marginal against {t[0]:g} to {t[-1]:g} steps, on a logarithmic "
            f"axis. Their median climbs from {middle[0]:.1f} to {middle[-1]:.1f}; the truth is "
            f"{log_px:.2f}.{lines}",
        )


def weights_from_both_sides(
    at_q: ArrayLike, at_post: ArrayLike, log_px: float, estimate: float
) -> None:
    """Show the log weights of draws from proposal and posterior, whose histograms cross at p(x).

    Parameters
    ----------
    at_q, at_post : array_like of shape (N,) and (M,)
        Log of joint over proposal at draws from the proposal and from the posterior, all finite.
    log_px : float
        The true log marginal.
    estimate : float
        That of the bridge.
    """
    theirs, ours = np.asarray(at_q, dtype=float), np.asarray(at_post, dtype=float)
    edges = np.histogram_bin_edges(np.concatenate([theirs, ours]), 60).tolist()
    with figure(7.8, 3.7) as fig:
        axes = fig.subplots()
        for n, (values, name) in enumerate(((theirs, "proposal $q$"), (ours, "posterior"))):
            share = np.full(len(values), 1.0 / len(values))
            axes.hist(
                values,
                edges,
                weights=share,
                color=COLOURS[n],
                alpha=0.45,
                linewidth=0,
                label=f"draws from the {name}",
            )
        axes.axvline(log_px, color=INK, linewidth=1.2, label=r"true $\log\,p(x)$")
        axes.axvline(estimate, color=COLOURS[2], linestyle="--", label="bridge")
        axes.legend(loc="upper left", fontsize=9)
        axes.set(
            xlabel=r"log weight, $\log\,p(x, z) - \log\,q(z)$",
            ylabel="share of the draws",
        )
        show(
            fig,
            f"Histograms of log weights. Those of the proposal's draws lie lower (median "
            f"{np.median(theirs):.1f}), those of the posterior's draws higher (median "
            f"{np.median(ours):.1f}); they cross near the true log marginal of {log_px:.2f}. The "
            f"bridge says {estimate:.2f}.",
        )


def evidence_for_clusters(
    velocities: ArrayLike,
    at: ArrayLike,
    densities: Mapping[str, ArrayLike],
    estimates: Mapping[str, Mapping[str, ArrayLike]],
    reference: Mapping[str, float],
) -> None:
    """Show velocities with the mixtures fitted to them, and how far evidences differ.

    Parameters
    ----------
    velocities : array_like of shape (N,)
        In 1,000 km/s.
    at : array_like of shape (G,)
        Velocities at which the densities are given.
    densities : mapping of str to array_like of shape (G,)
        Posterior mean density of a velocity, by model.
    estimates : mapping of str to mapping of str to array_like
        For each method, by model, one log evidence or several.
    reference : mapping of str to float
        The log evidence with which they are compared, by model.
    """
    x, v = np.asarray(velocities, dtype=float), np.asarray(at, dtype=float)
    models, told = list(densities), []
    with figure(9.6, 4.0) as fig:
        seen, compared = fig.subplots(1, 2, width_ratios=[1.0, 1.15])
        seen.hist(x, np.arange(8.0, 36.5, 1.0), density=True, color=COLOURS[5], alpha=0.5)
        seen.plot(x, np.full(len(x), -0.006), "|", color=INK, markersize=6)
        for n, (name, density) in enumerate(densities.items()):
            seen.plot(v, np.asarray(density), _LINES[n], color=COLOURS[n], label=name)
        seen.legend(loc="upper right", fontsize=8, title="components", title_fontsize=8)
        seen.set(xlabel="velocity (1,000 km/s)", ylabel="density", title="82 galaxies")

        compared.axhline(0.0, color=INK, linewidth=1.0)
        for missing, name in ((2, "log 2"), (6, "log 6")):
            compared.axhline(-np.log(missing), color=INK, linewidth=0.7, linestyle=":")
            compared.text(2.48, -np.log(missing), f"−{name}", ha="right", va="bottom", fontsize=9)
        for n, (method, by_model) in enumerate(estimates.items()):
            for name, values in by_model.items():
                difference = np.atleast_1d(np.asarray(values, dtype=float)) - reference[name]
                compared.plot(
                    np.full(len(difference), models.index(name) + 0.1 * (n - 1.5)),
                    difference,
                    _MARKERS[n],
                    color=COLOURS[n],
                    markersize=6,
                    label=method if name == models[0] else None,
                )
                told.append(f"{method}, {name}: {difference.mean():+z.2f}")
        compared.set_xticks(range(len(models)), models)
        compared.set_xlim(-0.5, len(models) - 0.5)
        compared.legend(loc="upper left", fontsize=8)
        compared.set(
            xlabel="components",
            ylabel=r"difference of $\log\,p(x)$",
            title=r"against $10^8$ draws from the prior (Neal 1999)",
        )
        show(
            fig,
            "Left: histogram of 82 velocities with three groups, near 10, 21 and 33 thousand "
            "km/s, and the mixtures fitted to them. Right: by how much log evidences differ from "
            f"the reference, by method and model. {'; '.join(told)}.",
        )
