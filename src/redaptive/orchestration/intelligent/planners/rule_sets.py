"""Which of the two sets of fault rules is for a piece of equipment: by the letters of its code."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.ids import find_codes

AIR_RULES: Final = "equipment-performance.evaluate_ahu_rules"
PLANT_RULES: Final = "equipment-performance.evaluate_plant_vav_rules"
RULE_SETS: Final = (AIR_RULES, PLANT_RULES)
_AIR: Final = re.compile(r"(?:AHU|RTU|DOAS|MAU|ERV|HRU)[-_]?\d", re.IGNORECASE)
_PLANT: Final = re.compile(
    r"(?:CH|CHLR|CHILLER|VAV|BLR|BOILER|CT|FCU|PUMP|CHWP?|HWP?|CWP|CWS|HX)(?:-[A-Z]+)?[-_]?\d", re.IGNORECASE
)


def rules_for(text: str) -> str | None:
    """The rules for the first piece of equipment that a text names by its code; None where no code says its kind.

    >>> rules_for("check CT-3"), rules_for("check AHU-3")
    ('equipment-performance.evaluate_plant_vav_rules', 'equipment-performance.evaluate_ahu_rules')
    """
    code = next((code.code for code in find_codes(text) if code.kind == "equipment"), "")
    return AIR_RULES if _AIR.match(code) else PLANT_RULES if _PLANT.match(code) else None
