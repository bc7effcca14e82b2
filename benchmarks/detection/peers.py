"""Other ways to score the same readings; higher is stranger, NaN where nothing was read. Untuned, one setting each."""

from __future__ import annotations

import warnings
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from peer_packages import need
from sklearn.ensemble import IsolationForest

from detection.injection import Hours, Matrix

HALF_SPACE_SETTING = {"n_trees": 25, "height": 8, "window_size": 250, "seed": 7}


def hour_of_week_z(kwh: Matrix, slot: Hours) -> Matrix:
    """Causal: level and spread of each local hour of the week (energy-science 3.1), without look-ahead or resets."""
    hours, meters = kwh.shape
    level, spread = np.full((168, meters), np.nan), np.zeros((168, meters))
    scale, seen = np.zeros(meters), np.zeros(meters)
    score = np.full(kwh.shape, np.nan)
    for hour in range(hours):
        x, s = kwh[hour], slot[hour]
        read = np.isfinite(x)
        known = read & np.isfinite(level[s])
        floor = np.maximum(np.maximum(spread[s], 0.05 * scale), 1e-6)
        away = np.where(known, x - level[s], 0.0)
        score[hour, known] = (np.abs(away) / floor)[known]
        clipped = np.clip(away, -3 * floor, 3 * floor)
        new = read & ~known
        spread[s] = np.where(known, 0.85 * spread[s] + 0.15 * 1.25 * np.abs(clipped), spread[s])
        level[s] = np.where(known, level[s] + 0.2 * clipped, level[s])
        level[s, new], spread[s, new] = x[new], 0.1 * np.abs(x[new])
        seen += read
        scale += np.where(read, (np.abs(x) - scale) / np.clip(seen, 1, 672), 0.0)
    return np.where(np.isfinite(kwh) & np.isnan(score), 0.0, score)


def global_z(kwh: Matrix, slot: Hours, since: int) -> Matrix:
    """Causal: distance from the median of the history year in its median deviations."""
    past = kwh[:since]
    middle = np.nanmedian(past, 0)
    return np.abs(kwh - middle) / np.maximum(1.4826 * np.nanmedian(np.abs(past - middle), 0), 1e-6)


def retrospective_z(kwh: Matrix, slot: Hours, since: int) -> Matrix:
    """Knows the future: distance from the median of the hour of the week over the judged year."""
    score = np.full(kwh.shape, np.nan)
    judged = np.arange(len(kwh)) >= since
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for hour in range(168):
            rows = judged & (slot == hour)
            part = kwh[rows]
            middle = np.nanmedian(part, 0)
            spread = np.maximum(1.4826 * np.nanmedian(np.abs(part - middle), 0), 0.02 * np.abs(middle))
            score[rows] = np.abs(part - middle) / np.maximum(spread, 1e-6)
    return score


def isolation_forest(kwh: Matrix, slot: Hours, since: int, meters: int) -> Matrix:
    """One forest per meter over value, hour and weekday, trained on the history year only; 0.5 is its own limit.

    Columns repeat the same `meters` with other events after `since`, so their history and forest are the same.
    """
    score = np.full(kwh.shape, np.nan)
    features = np.stack([np.zeros(len(kwh)), slot % 24, slot // 24], axis=1)
    after = np.arange(len(kwh)) >= since
    for meter in range(meters):
        features[:, 0] = kwh[:, meter]
        forest = IsolationForest(n_estimators=100, random_state=7).fit(features[np.isfinite(kwh[:, meter]) & ~after])
        for column in range(meter, kwh.shape[1], meters):
            features[:, 0] = kwh[:, column]
            judged = np.isfinite(kwh[:, column]) & after
            score[judged, column] = -forest.score_samples(features[judged])
    return score


def half_space_trees(kwh: Matrix, slot: Hours, since: int) -> Matrix:
    """river's streaming trees over value, hour and weekday, each in 0..1 by the history year's range."""
    need("river")
    low, high = np.nanmin(kwh[:since], 0), np.nanmax(kwh[:since], 0)
    share = (kwh - low) / np.maximum(high - low, 1e-9)
    with ProcessPoolExecutor(2) as pool:
        columns = pool.map(_half_space_column, [(share[:, m], slot, since) for m in range(kwh.shape[1])])
        return np.stack(list(columns), axis=1)


def _half_space_column(job: tuple[Matrix, Hours, int]) -> Matrix:
    share, slot, since = job
    from river.anomaly import HalfSpaceTrees

    trees = HalfSpaceTrees(**HALF_SPACE_SETTING)
    score = np.full(len(share), np.nan)
    for at in np.flatnonzero(np.isfinite(share)):
        x = {0: float(share[at]), 1: float(slot[at] % 24) / 24, 2: float(slot[at] // 24) / 7}
        if at >= since:
            score[at] = trees.score_one(x)
        trees.learn_one(x)
    return score
