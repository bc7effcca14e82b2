"""Which of the two sets of fault rules is for a piece of equipment: by the letters of its code."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.values.ids import find_codes

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


def rule_sets_of(text: str) -> tuple[tuple[str, str], ...]:
    """Rules and a text with one code each, where a text names equipment of both kinds; else nothing."""
    codes = [code for code in find_codes(text) if code.kind == "equipment"]
    named = [(name, code) for code in codes if (name := rules_for(code.code))]
    if len(named) != len(codes) or len({name for name, _ in named}) < len(RULE_SETS):
        return ()
    start, end = codes[0].start, codes[-1].end
    return tuple((name, f"{text[:start]}{code.code}{text[end:]}") for name, code in named)
