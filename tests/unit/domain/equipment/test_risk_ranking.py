"""The order of units by risk: by life, by a model, with reasons; and model files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from redaptive.domain.equipment.remaining_life import life_left
from redaptive.domain.equipment.risk_file import StoredRisk, from_text, to_text, train_risk
from redaptive.domain.equipment.risk_ranking import Unit, rank_by_life, rank_by_model
from redaptive.domain.equipment.service_life import ServiceLife
from redaptive.errors import InvalidInput
from redaptive.sample.equipment_lives import simulate_lives

LIFE = ServiceLife(15.0, 3.0)


def life_of(kind: str) -> ServiceLife:
    return {"rtu": LIFE}[kind]


@pytest.fixture(scope="module")
def stored() -> StoredRisk:
    fleet = simulate_lives(5, units=900)
    return train_risk(fleet.x, fleet.failed, fleet.unit, "simulated")


def test_by_life_the_older_and_harder_used_come_first() -> None:
    units = [Unit("new", "rtu", 2.0), Unit("old", "rtu", 14.0), Unit("used", "rtu", 14.0, duty=1.5),
             Unit("ill", "rtu", 14.0, fault_hours_y=9_000.0)]  # fmt: skip
    found = rank_by_life(units, life_of)
    assert [one.unit.code for one in found] == ["used", "ill", "old", "new"]
    assert [one.rank for one in found] == [1, 2, 3, 4]
    old = found[2]
    assert old.probability == life_left(LIFE, 14.0).failure_probability_12_months
    assert (old.reasons[0].text, old.assumed) == ("93% of its median life", ("duty", "fault_hours_y"))
    assert {reason.feature for reason in found[0].reasons} == {"age_share", "duty"}
    assert found[3].reasons[0].log_odds < 0


def test_a_model_ranks_and_explains_with_what_is_known(stored: StoredRisk) -> None:
    plain = Unit("a", "rtu", 7.5, 1.0, 100.0, 2.0, 6.0, 0.0)
    worn = replace(plain, code="b", degradation_pct_y=6.0)
    unknown = replace(plain, code="c", degradation_pct_y=None)
    found = rank_by_model([plain, worn, unknown], stored.model, life_of)
    assert found[0].unit.code == "b"
    assert found[0].reasons[0].text == "loses 6.0 % a year"
    by_code = {one.unit.code: one for one in found}
    assert by_code["c"].assumed == ("degradation_pct_y",)
    assert "degradation_pct_y" not in {reason.feature for reason in by_code["c"].reasons}
    added = sum(amount for _, amount in stored.model.reasons(np.array([7.5 / 15.0, 1.0, 100.0, 6.0, 6.0, 0.0])))
    odds = np.log(found[0].probability / (1 - found[0].probability))
    assert odds == pytest.approx(added + stored.model.coefficients[-1])


def test_a_file_gives_the_same_probabilities_and_says_how_good_they_are(stored: StoredRisk) -> None:
    text = to_text(stored.model, stored.evidence)
    again = from_text(text)
    x = simulate_lives(6, units=50).x
    assert again.model.probability(x).tolist() == stored.model.probability(x).tolist()
    assert (again.version, again.evidence) == (stored.version, stored.evidence)
    assert stored.evidence.auc is not None
    assert stored.evidence.auc_by_age is not None
    assert stored.evidence.auc > stored.evidence.auc_by_age + 0.05
    assert sum(b.units for b in stored.evidence.calibration) < stored.evidence.unit_years / 2


def test_rows_of_one_unit_are_never_on_both_sides() -> None:
    fleet = simulate_lives(5, units=900)
    one_unit = train_risk(fleet.x, fleet.failed, np.zeros(fleet.unit.size), "one unit")
    assert one_unit.evidence.held_out_failures == 0
    assert one_unit.evidence.auc is None


@pytest.mark.parametrize("text", ["", "{}", '{"format": "other"}'])
def test_a_damaged_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="risk model"):
        from_text(text)
