"""Regressions by statsmodels with standard errors clustered by author, and what it does not say by itself.

On separation statsmodels by itself raises nothing: it returns large coefficients with small clustered errors.
So convergence, finite errors and the information that the likelihood itself holds are looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from mdi_pipeline.statistics.bootstrap import CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

MAX_ITERATIONS = 35
"""Steps of Newton's method; where the likelihood has a maximum it takes about ten."""

INFINITE = 10.0
"""An unclustered standard error of a log odds ratio beyond this says that the likelihood hardly falls on one side."""

UNBOUNDED = f"the log odds ratio's standard error is above {INFINITE:.0f}: separation, or hardly told from other terms"
"""Why a term of a fit has no estimate."""


class Undecided(Exception):
    """A regression gives no estimates; the message says why."""


@dataclass(frozen=True)
class Coefficients:
    """Estimates and their 95 % intervals, the constant left out; all NaN where `UNBOUNDED`."""

    estimate: Reals
    low: Reals
    high: Reals


def odds_ratios(matrix: Reals, events: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Coefficients:
    """Logistic regression. The matrix has its constant first. Raises `Undecided`."""
    from statsmodels.discrete.discrete_model import Logit

    # Columns that others imply are left out before. The first step is from the share of events, since from one half
    # it takes as many more as that is powers of e away.
    model = Logit(events.astype(np.float64), matrix, check_rank=False)
    model.raise_on_perfect_prediction = True
    share = np.clip(events.mean(), 1 / events.size, 1 - 1 / events.size)
    start = np.append(np.log(share / (1 - share)), np.zeros(matrix.shape[1] - 1))
    fit = _fitted(
        lambda: model.fit(
            start_params=start,
            method="newton",
            maxiter=MAX_ITERATIONS,
            disp=False,
            warn_convergence=False,
            cov_type="cluster",
            cov_kwds={"groups": clusters},
        )
    )
    if not fit.mle_retvals["converged"]:
        raise Undecided(f"the likelihood has no maximum that {MAX_ITERATIONS} steps can reach: separation")
    conventional = np.sqrt(np.diag(np.linalg.pinv(-model.hessian(fit.params))))
    if not (conventional[1:] < INFINITE).any():
        raise Undecided("the terms tell disruptive models from others almost perfectly: separation")
    return _coefficients(fit, np.where(conventional < INFINITE, conventional, np.nan), np.exp)


def differences(matrix: Reals, values: Reals, clusters: NDArray[np.int64]) -> Coefficients:
    """Least squares. The matrix has its constant first. Raises `Undecided`."""
    from statsmodels.regression.linear_model import OLS

    if np.ptp(values) == 0:
        raise Undecided("all models have the same index")
    fit = _fitted(lambda: OLS(values, matrix).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=False))
    conventional = np.sqrt(fit.scale * np.diag(fit.normalized_cov_params))
    return _coefficients(fit, conventional, np.asarray)


def _fitted(fit: Callable[[], Any]) -> Any:
    """What the fit gives; perfect separation and singular matrices become reasons.

    Nothing hangs on filters of warnings, of which a process has one list for all threads.
    """
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    with np.errstate(all="ignore"):
        try:
            return fit()
        except np.linalg.LinAlgError as error:
            raise Undecided("the terms cannot be told apart") from error
        except PerfectSeparationError as error:
            raise Undecided("the terms tell disruptive models from others perfectly: separation") from error


def _coefficients(fit: Any, conventional: Reals, scale: Callable[[Reals], Reals]) -> Coefficients:
    """Wald's intervals from the larger of the clustered and the conventional standard error.

    With few or unequal clusters the clustered one is too small as often as not (Angrist & Pischke 2009, "Mostly
    Harmless Econometrics", sect. 8.2). A term whose conventional one is NaN has neither.
    """
    with np.errstate(invalid="ignore"):
        clustered = np.sqrt(np.diag(fit.cov_params()))
    estimate, error = np.asarray(fit.params)[1:], np.maximum(clustered, conventional)[1:]
    bounded = ~np.isnan(conventional[1:])
    if not (np.isfinite(estimate).all() and np.isfinite(error[bounded]).all()):
        raise Undecided("standard errors are not finite")
    estimate = np.where(bounded, estimate, np.nan)
    reach = norm.ppf((1 + CONFIDENCE) / 2) * error
    return Coefficients(scale(estimate), scale(estimate - reach), scale(estimate + reach))
