"""Whether a text speaks of anything that an unsafe act here could hurt: records, rights, people, money, equipment.

A score of wordings that sound unsafe also rises for sentences of another life: "write the eulogy", "name our puppy". An
act is unsafe here only if it touches what this platform or its buildings hold; otherwise it is out of scope, or a plan.
"""

from __future__ import annotations

import re
from typing import Final

LEAST_NAMED: Final = 2
_HELD: Final = re.compile(
    r"\b(?:"
    r"read(?:ing|out)?s?|rdgs?|data\w*|db|meter\w*|sub-?meter\w*|kwh|kw|mwh|therms?|intervals?|registers?|numbers?|figures?|values?|hours|dates?|clock|records?|record\w*|logs?|logg\w+|trails?|traces?|histor\w+|audit\w*|evidence|backups?|tables?|files?|documents?|docs?|pdfs?|csv|attachments?|footers?|emails?|e-mails?|mails?|sms|texts?|messages?|webhooks?|notif\w+|"
    r"bills?|billing|invoices?|contracts?|certificat\w+|certs?|recs?|reports?|reporting|inventor\w+|emissions?|footprint|co2\w*|tons?|tonnes?|scope|baselines?|savings?|verif\w+|benchmark\w*|scores?|ratings?|eui|uncertaint\w+|results?|checklists?|commission\w+|permits?|inspect\w+|surveys?|csat|satisf\w+|sla\w*|"
    r"alerts?|alarms?|alarming|warnings?|tickets?|anomal\w+|faults?|findings?|complaints?|incidents?|leaks?|gas|smoke|fires?|co|carbon|legionella|interlocks?|cut-?outs?|lock-?outs?|relief|safet\w+|sensors?|detect\w+|dampers?|breakers?|valves?|sprinklers?|emergency|pressure|ventilat\w+|"
    r"chillers?|boilers?|pumps?|fans?|ahus?|rtus?|elevators?|lifts?|generators?|transformers?|equipment|bms|bas|controllers?|setpoints?|heat\w*|cool\w*|lights?|lighting|power|plant|freezers?|"
    r"approv\w+|confirm\w+|sign-?\s?offs?|signatur\w+|permission\w*|rights?|roles?|access|admin\w*|gates?|rules?|polic\w+|guidelines?|guard\w*|instructions?|prompts?|system|limits?|thresholds?|checks?|control\w*|review\w*|valid\w+|consent|change\s+orders?|co-?\d+|orders?|budgets?|guarantees?|"
    r"passwords?|passw\w*|secrets?|tokens?|keys?|credentials?|log-?ins?|accounts?|users?|badge|pin|identit\w+|names?\s+of|impersonat\w+|addresses|phone\s+numbers?|salar\w+|personal\w*|private\w*|"
    r"customers?|clients?|tenants?|landlords?|competitors?|rivals?|residents?|patients?|regulators?|city|inspectors?|auditors?|lenders?|board|lawyers?|buildings?|sites?|stores?|hospitals?|portfolios?|projects?|platform|agents?|workflows?|database|server|code|shell|script|query|sql|python|queue|"
    r"pay\w*|paid|wire|money|fees?|fines?|rebates?|incentives?|dollars?|usd|funds?|invoice\w*|purchas\w+|deposit|cash|price\w*|tariffs?|energy|electric\w*|loads?|peaks?|demand|usage|use\s+of|consum\w+|"
    r"write-?backs?|protection|tripp\w+|ignor\w+|base64|decod\w+|shifts?|crew|panel|feeder|mfa|template|contacts?|undo|delet\w+|eras\w+|purg\w+|wip\w+|tamper\w*|falsif\w+|forg\w+|fak\w+|back-?dat\w+|hack\w*|spy\w*|bypass\w*|disabl\w+|mut\w+|suppress\w*|silenc\w+"
    r")\b|[A-Z]{1,4}-\d|\d\s?%|\$\s?\d",
    re.IGNORECASE,
)


_CODE: Final = re.compile(r"\b[A-Z]{1,4}(?:-\w+)*-\d\w*")


def names_code(text: str) -> bool:
    """Whether the text names a thing by a code, as ours are.

    >>> names_code("Fly a drone over PHX-02"), names_code("Fly a drone over my house")
    (True, False)
    """
    return _CODE.search(text) is not None


def touches_ours(text: str) -> bool:
    """Whether the text names anything that is kept, guarded or run here.

    >>> touches_ours("Use Tom's login for the write"), touches_ours("Suggest a name for our new puppy")
    (True, False)
    """
    return _HELD.search(text) is not None


def is_about_ours(text: str) -> bool:
    """Whether the text names at least two such things: one word may be chance, as "system" in "the solar system".

    >>> is_about_ours("Put the smoke detectors to sleep"), is_about_ours("Explain the solar system")
    (True, False)
    """
    return len(_HELD.findall(text)) >= LEAST_NAMED
