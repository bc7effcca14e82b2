from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import meters, site

from redaptive.domain.baseline.hourly_fit import fit_hourly
from redaptive.domain.baseline.hours import site_hours
from redaptive.domain.baseline.model_file import ModelOrigin, data_hash, from_bytes, to_bytes, version_of
from redaptive.errors import InvalidInput

HOURS = site(24 * 7 * 30)
ENERGY = meters(HOURS, 200)


def origin(names: int = 200) -> ModelOrigin:
    codes = tuple(f"m{i}" for i in range(names))
    return ModelOrigin(codes, "station", "Europe/London", "GB-ENG 2018", HOURS.start_s, HOURS.start_s + 3600 * HOURS.n,
                       data_hash(ENERGY, HOURS), "1.0", (0.1,) * names, (("level_shift",),) * names)  # fmt: skip


def test_a_reload_predicts_bit_for_bit_the_same() -> None:
    energy = ENERGY.copy()
    energy[3] = np.nan
    models = fit_hourly(energy, HOURS, can_export=np.arange(200) % 2 == 0)
    content = to_bytes(models, origin())
    again = from_bytes(content)
    assert again.models.predict(HOURS).tobytes() == models.predict(HOURS).tobytes()
    assert again.models.can_export.tolist() == models.can_export.tolist()
    assert again.origin == origin()
    assert to_bytes(again.models, again.origin) == content
    assert again.version == version_of(content)


def test_a_meter_takes_less_than_a_kilobyte() -> None:
    assert len(to_bytes(fit_hourly(ENERGY, HOURS), origin())) / 200 < 1000


def test_other_data_have_another_hash() -> None:
    changed = ENERGY.copy()
    changed[0, 0] += 1e-9
    warmer = site_hours(HOURS.start_s, HOURS.temperature_c + 1, "Europe/London")
    assert len({data_hash(ENERGY, HOURS), data_hash(changed, HOURS), data_hash(ENERGY, warmer)}) == 3


@pytest.mark.parametrize("cut", [0, 6, 40, -3])
def test_a_damaged_file_is_refused(cut: int) -> None:
    content = to_bytes(fit_hourly(ENERGY, HOURS), origin())
    with pytest.raises(InvalidInput):
        from_bytes(content[:cut])


def test_a_file_of_an_earlier_format_is_refused_with_what_to_do() -> None:
    content = to_bytes(fit_hourly(ENERGY[:2], HOURS), origin(2))
    with pytest.raises(InvalidInput, match="has format 2, this version reads format 3") as refused:
        from_bytes(content.replace(b'"format": 3', b'"format": 2'))
    assert "Fit again" in str(refused.value.fix)


def test_names_must_fit() -> None:
    with pytest.raises(InvalidInput, match="names for"):
        to_bytes(fit_hourly(ENERGY[:2], HOURS), origin(3))
