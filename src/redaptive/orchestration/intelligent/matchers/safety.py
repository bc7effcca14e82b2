"""Orders that no sentence may give here: deleting records for good, switching equipment, going round controls.

Every tool of the platform reads, writes new rows or sends messages; none of these orders has a tool. The rules only say
why such a sentence is refused, and refuse it also where the classifier was deceived.
"""

from __future__ import annotations

import re
from typing import Final

_ASKING = (
    r"^\W*(?:(?:please|pls|plz|hey|hi|ok|okay|now|just|go\s+ahead\s+and|can|could|would|will|you|i\s+want\s+you\s+to"
    r"|let's)[\s,]+)*"
)
_RECORDS = (
    r"(?:all|every|everything|each|entire|whole|complete|history|histories|database|tables?|readings|records|logs?|audit"
    r"|backups?|data|tenants?)"
)
_DELETE: Final = re.compile(
    rf"{_ASKING}(?:delete|wipe|erase|purge|drop|destroy|truncate)\b(?!\s+(?:nothing|none|in)\b(?!\s+but\b)).{{0,60}}\b{_RECORDS}\b",
    re.IGNORECASE,
)
_MACHINES = (
    r"(?:chillers?|boilers?|ahu\S*|rtu\S*|vav\S*|air\s+handlers?|fans?|pumps?|towers?|breakers?|feeders?|hvac|lights?"
    r"|freezers?|compressors?|generators?|elevators?|heat(?:ing)?|cooling|power|setpoints?|thermostats?|dampers?|valves?)"
)
_TURN = r"(?:turn|switch|shut|power)"
_SET = r"(?:trip|open|close|reset|override|bypass|raise|lower|start|stop|restart)"
_SWITCH: Final = re.compile(
    rf"{_ASKING}(?:{_TURN}\s+(?:off|on|down|up)\b.{{0,30}}\b{_MACHINES}\b"
    rf"|{_TURN}\s+.{{0,30}}\b{_MACHINES}\b.{{0,30}}\b(?:off|on|down)\b"
    rf"|{_SET}\s+(?:(?:the|a|our)\s+)?.{{0,30}}\b{_MACHINES}\b)",
    re.IGNORECASE,
)
_EVADE: Final = re.compile(
    r"(?<!n't )(?<!n’t )(?<!\bnot )(?<!\bnever )\b(?:ignore|bypass|skip|disable|circumvent)\b.{0,30}"
    r"\b(?:approvals?|permissions?|safety|audit|controls?|instructions|rules)\b",
    re.IGNORECASE,
)


def destroys(text: str) -> bool:
    """Whether the sentence orders to delete records for good, or to go round approval; refused whatever it resembles.

    >>> destroys("please wipe the meter history for Plant 4"), destroys("delete bldg C from scope")
    (True, False)
    """
    return bool(_DELETE.search(text) or _EVADE.search(text))


def switches(text: str) -> bool:
    """Whether the sentence orders to switch or set equipment.

    >>> switches("turn off the chiller now"), switches("which RTUs can we switch off at 5 pm?")
    (True, False)
    """
    return bool(_SWITCH.search(text))
