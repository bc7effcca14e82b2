"""Baselines and savings on buildings made of physics, which share nothing with the model."""

from __future__ import annotations

import numpy as np
import pytest
from baselines import accuracy, physics, rc_buildings

COUNT = 16


def test_the_buildings_behave_like_buildings() -> None:
    around, made = rc_buildings.surroundings(3), rc_buildings.buildings(6, 3)
    electricity, gas = rc_buildings.simulate(made, around, 3)
    cold, warm = around.celsius < 3, around.celsius > 20
    assert (gas[:, cold].mean(axis=1) > 2 * gas[:, warm].mean(axis=1)).all()
    lit = rc_buildings.simulate(made.lit(0.5), around, 3)
    assert (lit[0].sum(axis=1) < electricity.sum(axis=1)).all()
    assert (lit[1].sum(axis=1) > gas.sum(axis=1)).all()  # lamps heat
    tight = rc_buildings.simulate(made.insulated(0.3), around, 3)
    assert (tight[1].sum(axis=1) < 0.9 * gas.sum(axis=1)).all()


def test_baselines_predict_a_year_of_physics() -> None:
    pair = accuracy.compare(rc_buildings.estate(COUNT), None, 2018, 2019, None)
    electric = pair.electric
    assert electric.sum() == COUNT
    assert np.median(pair.ours[electric]) < 0.20
    assert np.abs(pair.ours_nmbe[electric]).max() < 0.04
    assert np.median(np.abs(pair.ours_nmbe[~electric])) < 0.10


@pytest.mark.parametrize("seed", [5])
def test_intervals_hold_the_savings_of_simulated_retrofits(seed: int) -> None:
    found = {r.name: r for r in physics.retrofits(2 * COUNT, seed)}
    assert sum(r.held for r in found.values()) >= 0.80 * sum(r.n for r in found.values())
    lamps = found["lamps, electricity"]
    assert lamps.verified >= 0.8 * lamps.n
    assert lamps.error == pytest.approx(0.0, abs=0.02)
    assert found["lamps, gas"].true_share < 0 < found["insulation, gas"].true_share
