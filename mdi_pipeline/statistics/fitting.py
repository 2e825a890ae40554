"""Regressions by statsmodels with standard errors clustered by author, and what it does not say by itself.

On perfect separation statsmodels raises nothing: it returns large coefficients with small clustered errors.
So convergence, finite errors and the information that the likelihood itself holds are looked at here.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Reals = NDArray[np.float64]

MAX_ITERATIONS = 50

INFINITE = 10.0
"""An unclustered standard error of a log odds ratio beyond this says that the likelihood hardly falls on one side."""


class Undecided(Exception):
    """A regression gives no estimates; the message says why."""


@dataclass(frozen=True)
class Coefficients:
    """Estimates and their 95 % intervals, the constant left out."""

    estimate: Reals
    low: Reals
    high: Reals


def odds_ratios(matrix: Reals, events: NDArray[np.bool_], clusters: NDArray[np.int64]) -> Coefficients:
    """Logistic regression. The matrix has its constant first. Raises `Undecided`."""
    from statsmodels.discrete.discrete_model import Logit

    model = Logit(events.astype(np.float64), matrix)
    fit = _fitted(
        lambda: model.fit(
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
    unclustered = np.sqrt(np.diag(np.linalg.pinv(-model.hessian(fit.params))))
    if not (unclustered < INFINITE).all():
        raise Undecided("the terms tell disruptive models from others almost perfectly: separation")
    return _coefficients(fit, np.exp)


def differences(matrix: Reals, values: Reals, clusters: NDArray[np.int64]) -> Coefficients:
    """Least squares. The matrix has its constant first. Raises `Undecided`."""
    from statsmodels.regression.linear_model import OLS

    if np.ptp(values) == 0:
        raise Undecided("all models have the same index")
    fit = _fitted(
        lambda: OLS(values, matrix).fit(method="qr", cov_type="cluster", cov_kwds={"groups": clusters}, use_t=False)
    )
    return _coefficients(fit, np.asarray)


def _fitted(fit: Callable[[], Any]) -> Any:
    """What the fit gives; statsmodels' own warnings and singular matrices become reasons."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, ModelWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("error", ModelWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            return fit()
        except np.linalg.LinAlgError as error:
            raise Undecided("the terms cannot be told apart") from error
        except ModelWarning as warning:
            raise Undecided(f"statsmodels: {str(warning).strip().splitlines()[0]}") from warning


def _coefficients(fit: Any, scale: Callable[[Reals], Reals]) -> Coefficients:
    estimate, interval = np.asarray(fit.params)[1:], np.asarray(fit.conf_int())[1:]
    if not (np.isfinite(estimate).all() and np.isfinite(interval).all()):
        raise Undecided("standard errors are not finite")
    return Coefficients(scale(estimate), scale(interval[:, 0]), scale(interval[:, 1]))
