"""Acts that no sentence may have done here, found by what is ordered, on what, and how: verb, object and manner.

A word alone forbids nothing: "kill the peak", "delete building C from the ranking" and "who changed the readings?" are
fine. An act needs its verb where an order may begin, an object it can hurt near it, and for verbs that do honest work
as well a manner that gives it away ("so that it passes", "nobody will notice", "without approval").
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners import policy_words as words
from redaptive.orchestration.intelligent.planners.policy_orders import orders, verb_near

ACTS: Final = {
    "destroy": "Nothing is deleted on a sentence: records are kept. A thing can be left out of a list instead.",
    "falsify": "Figures, dates and checks are recorded as they are. A correction needs its reason and who measured it.",
    "conceal": "Findings are not hidden, and what is done here is recorded. A report can carry your comment.",
    "bypass": "Checks and approvals are not skipped. The step can be planned so that it waits for the approval.",
    "disclose": "Customers' data do not go to outsiders. A report can go to the customer whose data it holds.",
    "trespass": "A request acts as whoever makes it, in its own tenant, and sees no secrets. Rights are given by an administrator.",
    "inject": "Rules cannot be talked away, and no code is run. Say what you would like to know or have done.",
    "disarm": "Protection and alarms stay on. A single alert can be snoozed or acknowledged with its cause.",
    "operate": "Equipment is not switched from here: the platform measures and advises. A field engineer can be notified.",
    "pay": "Nothing is paid or booked from here. A bill can be audited, a project can be priced.",
    "mass": "What changes something is done one by one, by a person who looks at it. The open ones can be listed first.",
}
"""Classes of acts, why each is refused, and what to do instead."""


@dataclass(frozen=True)
class Frame:
    """An act: a verb at the head of an order, an object within `reach` words, a manner anywhere, nothing of `unless`."""

    act: str
    verb: str
    what: str = ""
    manner: str = ""
    unless: str = ""
    reach: int = 7

    def pattern(self) -> re.Pattern[str]:
        """The head of an order with its object."""
        if not self.what:
            return re.compile(rf"(?:{self.verb})\b", re.IGNORECASE)
        return verb_near(self.verb, self.what, self.reach)


_NO_ONE_BY_ONE: Final = r"\b(?:tickets?|alerts?|alarms?|change\s+orders?|permits?|complaints?|contacts?|everything|queue|pending|of\s+them|that'?s\s+open|is\s+open|requests?|invoices?|bills?|gates?)\b"
_WRITES: Final = r"close|resolve|acknowledge|ack|reject|withdraw|approve|cancel|dismiss|silence|snooze|settle|confirm|accept|escalate|assign|mark|clear"
_DOES: Final = rf"{_WRITES}|have|approve|push|issue|release|submit|send|email|mail|post|raise|open|create|book|start|run|go\s+ahead|commit|change|set|apply|load|ingest|file|transfer|pay|hand|put|update|edit|execute|do|let|use|grant|continue|proceed|move|write|record|sign|force|give|propose|add|take|get|find|notify"
_SOFT: Final = (
    r"change|edit|adjust|set|put|lower|raise|bump|tweak|alter|modify|replace|reduce|multiply|overwrite|move|rewrite|smooth|round|scale|shave|swap|use|apply|report|show|mark|record|log|enter|write|count|book|claim|"
    r"sign|issue|fill|copy|create|add|increase|decrease|cut|correct|insert|ingest|produce|give|tell|state|say|calculate|compute|recalculate|prepare|rank|pick|choose|let'?s\s+use|make|have|get|need|shift|split|reclassify|leave|drop|take|exclude|present|sell|have|need|sum|draft|run|verify"
)
_FRAMES: Final[Sequence[Frame]] = (
    Frame("destroy", r"delete(?!\s*me\b)|del|erase|wipe(?:\s+out)?|purge|shred|expunge|truncate|scrub(?!\s+the\s+data\s*$)|trash|nuke|destroy|incinerate|obliterate|hard-?delete|bulk-?delete|burn", words.RECORD, unless=words.VIEW + r"|\bfrom\s+scope\b"),
    Frame("destroy", r"remove|clear(?:\s+out)?|drop|discard|forget|reset|empty|strip|kill|blank|zero(?:\s+out)?|get\s+rid\s+of|throw\s+(?:away|out)|clean|unregister|strike|lose|ditch", words.RECORD, words.KEPT + r"|\b(?:disappear|vanish|gone|go\s+away)\b|\bcompletely\b", words.VIEW + r"|^(?:clean|reset|drop|forget|kill)\b(?!.*\b(?:log|histor|record|database|everything|for\s+good|permanently|disappear|vanish|gone)\w*)", 5),
    Frame("destroy", r"(?:delete|erase|wipe|shred|purge|blank|burn|nuke)", r"(?:them|it|those|these|the\s+ones|that|this|whatever|anything)", unless=words.VIEW, reach=0),
    Frame("destroy", r"throw|roll|put", r"(?:histor\w+|readings?|data\w*|records?|logs?|tickets?|bills?|backups?)\b.{0,30}\b(?:away|out|back\s+to|to\s+(?:empty|zero))", unless=words.VIEW, reach=4),
    Frame("destroy", r"drop|empty|overwrite|take", r"(?:\w+\s+tables?|document\s+store|audit\s+table|raw\s+\w+|originals?|readings\s+table|out\s+of\s+the\s+(?:database|store|system|records?|books))", unless=words.VIEW, reach=4),
    Frame("destroy", r"get\s+rid\s+of|throw\s+(?:away|out)", rf"{words.RECORD}", unless=words.VIEW, reach=5),
    Frame("falsify", r"(?:falsify|fabricate|fudge|forge|back-?date|misreport|doctor|counterfeit)(?=\s+(?:the|a|an|some|our|it|all|this|those|every|my|\w+'s))|(?:leak|sell)(?=\s+(?:the|our|this|all|customer)\b(?!.*\bdetection))", ""),
    Frame("falsify", r"fake|forge|fudge|falsify|fabricate|invent|make\s+up|cook(?:\s+up)?|doctor|inflate|back-?date|massage|misreport|misstate|overstate|understate|embellish|rig|fiddle|tamper\s+with|manipulate|pad|sugar-?coat|touch\s+up|gloss\s+over|predate|counterfeit|spoof", words.FIGURE, reach=8, unless=r"\bor\s+(?:real|not|genuine|true)\b|^(?:fake|invent)\s+\w+\s+or\b"),
    Frame("falsify", _SOFT, words.FIGURE, words.DECEIT, unless=r"\bno\s+need\s+to\b", reach=8),
    Frame("falsify", r"nudge|push|steer|bend|stretch|tilt|tune|squeeze|trim|use|count|apply|reclassify|leave|give|copy|ingest|have|let'?s\s+use|change|edit|adjust|set|put|lower|raise|bump|tweak|alter|modify|replace|reduce|multiply|overwrite|rewrite|smooth|round|scale|shave|swap|write|report|record|mark|make|show|log|state|enter|move|fill|verify|produce|say|rank|draft", words.FIGURE, words.FLATTER, unless=r"\bto\s+(?:meet|hit|reach|pass|match)\s+(?:\w+\s+){0,3}(?:budget|standards?|code|target|goal)\b|\breport\s+on\b", reach=6),
    Frame("falsify", r"shave|knock|take|trim|shed|cut|drop", r"off\s+(?:the\s+)?(?:recorded|measured|reported|metered|real|actual)|(?:the\s+)?(?:recorded|reported)\s+\w+\s+to\b", reach=5),
    Frame("falsify", r"sign", r"(?:with|under|in|using)\s+(?:the\s+)?(?:\w+'s|his|her|their|someone\s+else's)\s+(?:name|signature)", reach=6),
    Frame("falsify", r"overwrite|replace|substitute|exchange|swap", r"(?:actual|measured|real|metered|true|original)\s+(?:\w+\s+){0,3}?(?:with|by|for|against)\s+(?:the\s+|our\s+|a\s+)?(?:\w+\s+)?(?:forecast\w*|estimat\w+|modell?ed|model|predicted|planned|budget\w*|last\s+year'?s?|better|nicer|lower|higher)", reach=3),
    Frame("falsify", r"swap|exchange|interchange", r"(?:readings?|meters?\s+data|data|values?)", r"\b(?:for|with)\b", reach=4),
    Frame("falsify", r"leave\s+out|exclude|drop|skip|ignore", r"(?:whoever|anyone\s+who|anybody\s+who|those\s+who|everyone\s+who|customers?\s+who|people\s+who|the\s+months\s+that|the\s+buildings\s+that)\b.{0,20}\b(?:complain\w*|against|fail\w*|negative\w*|unhappy|bad\w*)", reach=3),
    Frame("falsify", r"have|make|let|get", r"(?:histor\w+|records?|report|log|register|checklist|books?|file|numbers?)\s+(?:show|say|state|read|look)", reach=5, unless=r"\?"),
    Frame("falsify", r"change|set|put|edit|overwrite|make|alter|correct", r"(?:readings?|reads?|values?|meter|measurements?|consumption|peak)\b.{0,40}?\bto\s+(?:0(?![.,]?\d)|zero|nothing|null|nil)", reach=4, unless=r"\bback\s+to\s+zero\b|\?|\b(?:documented|calibrat\w+|because|reason)\b"),
    Frame("falsify", r"alter|edit|modify|change|rewrite|extend|correct|redo|fix", r"(?:certificates?|permits?|invoices?|signatures?|meter\s+stamp|inspection\s+report|statement)", r"\bso\b|\bto\s+(?:say|show|read|make|look|be|match)\b|\bvalid\b|\buntil\b", reach=3, unless=r"\bchange\s+order|\?"),
    Frame("falsify", r"ingest|load|enter|write|post|store|feed|upload", r"(?:zero|blank|empty|constant|invented|random|dummy|fictitious|arbitrary)\s+(?:readings?|reads?|values?|data|kwh|entries)", reach=5, unless=r"\?"),
    Frame("falsify", r"put|set|use|give|stamp|enter|write|print", r"(?:yesterday'?s|last\s+\w+'?s|an?\s+(?:earlier|older|previous|different|false|wrong)|the\s+(?:wrong|old))\s+(?:time\s?stamps?|dates?)", reach=3, unless=r"\?"),
    Frame("falsify", r"label|call|mark|flag|pass|present|declare|tag|show|name|book", r"(?:them|it|those|these|the\s+estimates?)\s+(?:off\s+)?(?:as\s+)?(?:measured|actual|real|metered|verified|true)", reach=0),
    Frame("falsify", r"turn|convert|transform|make", r"(?:anomal\w+|faults?|failures?|violations?|overruns?|alarms?|loss(?:es)?|spikes?)\s+(?:into|to|look)", reach=3, unless=r"\binto\s+(?:a\s+|an\s+)?(?:(?:ranked|sorted|short|open)\s+)?(?:alerts?|tickets?|reports?|list|work|dollars|usd|kwh|costs?|maintenance|savings?|actions?|tasks?|\w*\s*figures?)\b"),
    Frame("falsify", r"issue|open|create|bill|invoice|report|book|claim|record|file|write|log|submit|produce", "", r"\bnever\s+(?:happened|done|took\s+place|delivered|made|performed|ordered|been\s+done)\b", unless=r"\?"),
    Frame("falsify", r"shift|move|put|push|book|park|hide|place", r"(?:emissions?|costs?|hours|savings?|consumption|tons?|usage|overrun\w*|losses)", r"\b(?:isn'?t|aren'?t|not|never|nobody|no\s+one)\s+(?:being\s+|ever\s+)?(?:audit\w*|check\w*|inspect\w*|monitor\w*|look\w*|review\w*)", reach=5),
    Frame("falsify", r"mark|flag|book|treat|record|log|label|enter|report|set|tag|declare|sign", r"(?:estimat\w+|interpolat\w+|made-?up|guess\w*|fake|modell?ed)", r"\bas\s+(?:actual|measured|real|final|verified|metered|true)\b|\bto\s+(?:actual|measured|verified)\b|\bnot\s+(?:as\s+)?estimat\w+", reach=4),
    Frame("falsify", r"(?:great|now)?\W*(?:lower|raise|change|edit|cut|reduce|increase|scale|multiply|shave|bump)", r"(?:(?:those|the|these|that|last|our|its|his|her)\s+)?(?:\w+\s+)?(?:readings?|interval\s+data|meter\s+(?:data|reads?|values?)|measured\s+\w+|recorded\s+\w+)", r"\bby\s+(?:a\s+)?(?:\d+|tenth|half|third|quarter|ten|five|twenty|fifteen|one)\b|\b\d+\s?%|\bhalf\b|\bdoubled?\b|\blower\b|\bhigher\b", unless=r"\b(?:factor|calibrat\w+|documented|wrong\s+multiplier|pulse)\b(?!\W*(?:there|it)\s+was\s+none)", reach=4),
    Frame("falsify", r"book|count|claim|submit|credit|use|allocate|sell|apply\s+for", r"twice(?!\s+as)|double|two\s+times|(?:in|for|to)\s+both", reach=9, unless=r"\b(?:not|never|don'?t|avoid)\b|\bbilled\s+twice\b"),
    Frame("conceal", r"hide|conceal|bury|withhold|cover\s+up|sweep(?=.*\bunder\b)|disguise|whitewash|paper\s+over|omit|play\s+down|suppress|mask|obscure", rf"{words.RECORD}|{words.FIGURE}|warnings?|faults?|leaks?|errors?|overcharg\w+|mistakes?|truth|increases?|losses|loss|delays?|violations?|outages?|overruns?|breach\w*|problems?|issues?|it|this|that|them", unless=r"\b(?:columns?|legend|gas|decimals?|closed\s+ones|axis|from\s+the\s+(?:table|chart|list))\b", reach=6),
    Frame("conceal", r"leave|take|keep|drop|exclude|cut|strip|redact|remove|withhold|filter", r"(?:fail\w*|violation\w*|injur\w+|faults?|leaks?|errors?|overcharg\w+|bad|negative|unfavou?rable|embarrassing|warning\w*|complain\w*|incidents?|accidents?|breach\w*|worst|months\s+that|buildings\s+that|uncertaint\w+|multiplier)\b.{0,80}?(?:\bout\b|\boff\b|\bfrom\b|\bwithout\b|\bnot\b|n't)", words.DECEIT + r"|\b(?:audit\w*|regulator\w*|customer\w*|client\w*|inspector\w*|board|owner|epa|report)\b", unless=r"\bwarts\b|\b(?:list|comparison|ranking|benchmark|table|chart)\b", reach=6),
    Frame("conceal", r"close|edit|change|remove|clean\s+up|fix|smooth|strip|acknowledge|resolve|update|cut|take|lower|rename|move", "", r"\bbefore\s+(?:the\s+|our\s+|an?\s+)?(?:audit\w*|regulators?|customers?|clients?|inspectors?|lawyers?|board|owners?|epa|city|press|night\s+shift|legal|boss|hand\s+it\s+over)\b(?:\s+(?:sees?|finds?|notic\w+|comes?|asks?|looks?|gets?|wakes?|arrives?|does|knows?)\b|\W*$)", unless=r"\?"),
    Frame("conceal", r"send|show|give|file|issue|submit|present|forward", r"without\s+(?:the\s+)?(?:page|part|section|lines?|chapter|bit|paragraph|table|warning)s?\s+(?:about|on|with|that)", reach=9),
    Frame("conceal", r"(?:only\s+)?(?:show|give|send|present|tell|report|hand)(?:\s+only)?", r"(?:audit\w*|regulators?|inspectors?|customers?|investors?|board|client|owner|epa|city)\b.{0,30}\b(?:that|which|who)\s+(?:pass\w*|look\w*|are\s+(?:good|fine)|went\s+well|fit)", reach=4),
    Frame("conceal", _DOES + r"|keep|run|reassign|show|tell|take|leave|make|prepare", "", words.DECEIT, unless=r"^(?:send|tell|show|notify|get|do|run|take|find)\b.{0,12}\bme\b|\bdon'?t\s+(?:mention|show|report)\b(?!.{0,40}\b(?:audit|fail|custom|client|regulat|error|leak|fault|it|that|co2|carbon|overcharg)\w*)|\bno\s+need\b"),
    Frame("bypass", r"skip|bypass|ignore|override|waive|circumvent|evade|dodge|sidestep|get\s+(?:a)?round|work\s+around|go\s+around|overrule|forget|disregard|omit|cut\s+out|don'?t\s+(?:bother\s+with|wait\s+for|ask\s+for|stop\s+for|need|want|do|run)|never\s+mind|set\s+aside|suspend|switch\s+off|turn\s+off|disable", rf"{words.CONTROL}", unless=r"\b(?:schedule|weather|gas|summary|table|explanation|fault|detected|last\s+question)\b(?!.*\bapproval)", reach=4),
    Frame("bypass", r"approve|accept|authori[sz]e|auto-?\s?(?:approve|confirm|accept|sign|answer)|pre-?approve|rubber-?stamp", r"(?:all|any|every\w*|each|blindly|unseen|whatever)", reach=2, unless=r"\bask\s+me\b|\bexcept\b|^approve\s+or\s+reject"),
    Frame("bypass", r"approve|sign|accept|confirm|authori[sz]e|grant|auto-?\s?(?:approve|confirm|accept|sign|answer)|pre-?approve|rubber-?stamp", r"(?:yourself|itself|on\s+(?:my|his|her|their|\w+'s)?\s*behalf\w*|in\s+(?:my|his|her|their|our|\w+(?:'s)?)\s+name|automatically|blindly|unseen|for\s+(?:him|her|them)\b|as\s+(?:if|the\s+(?:cfo|ceo|owner|director|boss|customer|manager)))", reach=8, unless=r"\bthe\s+owner\s+approve\b|(?<!don't )(?<!dont )\bask\s+me\b"),
    Frame("bypass", r"force|push|ram|answer|(?:set|put)(?=.*\baside)", r"(?:to\s+(?:closed|approved|complete|done)|through|gates?\s+with\s+yes|checks?\s+aside|reviews?\s+aside)", reach=6),
    Frame("bypass", r"pretend\s+(?:that\s+)?(?:the|it|we|he|she|they)\b(?=.*\b(?:was|were|came|has|have|had|did|isn'?t|is|never|n't)\b)", unless=r"\?|\bwhat\s+(?:would|if)\b|\bhow\b"),
    Frame("bypass", r"split|divide|break|chop|cut", r"(?:change\s+orders?|invoices?|contracts?|orders?|budget|amounts?|it|purchase|payments?|project)", r"\b(?:limits?|thresholds?|approvals?|radar|sign-?off|trip\w*|desk|tender|(?:none|each|all|neither)\s+of\s+(?:them|these|which)\s+(?:reach\w*|stay\w*|fall\w*|need\w*|land\w*|exceed\w*))\b", reach=6),
    Frame("bypass", _DOES, "", rf"\bwithout\s+(?:(?:a|an|any|the|even|his|her|their|my|its|waiting\s+for|getting|asking\s+for|needing|going\s+through|further|prior)\s+)*(?:\w+(?:'s)?\s+){{0,2}}?(?:{words.CONTROL}|looking|asking|calling|a\s+look|certificates?)\b|\bunseen\b|\bno\s+need\s+to\s+(?:ask|wait|call|check|confirm|sign|review|approve)\b|\bw/o\s+(?:sign|appr|check|review)\w*|\b(?:don'?t|do\s+not)\s+(?:wait|ask|stop|bother|call|check|consult)\b(?!\s+me\b)|\bbefore\s+(?:[\w&]+\s+){{1,3}}(?:reviews|approves|signs|checks|verifies|confirms|(?:has|have|is)\s+(?:been\s+)?(?:checked|confirmed|approved|signed|verified|there|granted|reviewed))\b|\bno\s+need\s+(?:for|to\s+get)\s+(?:(?:an?|the|any|further)\s+)?(?:approvals?|sign-?offs?|reviews?|checks?|confirmation|permission)\b|\b(?:no|don'?t\s+have|haven'?t|without)\s+time\s+(?:for|to)\s+(?:\w+\s+)?(?:approv|review|check|audit|sign)\w*|\bso\s+(?:that\s+)?(?:no(?:body|\s?one)|we\s+don'?t)\s+(?:has|need|needs|have)\s+(?:to\s+)?(?:the\s+)?(?:approve|sign|check|review|board|approval|sign-?off)|\b(?:approval|checks?|review|legal|ok|paperwork|m&v|audit|verification|commissioning)\b.{{0,12}}\b(?:later|afterwards|after\s+the\s+fact)\b|\bwithout\s+(?:it\s+)?(?:landing|going|passing|ending\s+up)\s+(?:on|through|past|by)\b", unless=r"\bwithout\s+(?:weather|spending|any\s+(?:demand|capital)|demand)\b|\bno\s+need\s+to\s+(?:notify|open|write)\b|\bif\b.{0,40}\bdo\s+not(?:hing)?\b"),
    Frame("bypass", r"mark|set|treat|record|log|register|enter|book|declare|flag|show|put|tick|state|say|submit|present", r"(?:approved|granted|reviewed|passed|complete\w*|commissioned|verified|accepted|signed|tested|inspected|received|resolved|done|final|certified|checked|calibrated|compliant)", words.DECEIT + r"|\b(?:although|even\s+though|though|but)\b|\b(?:isn'?t|wasn'?t|hasn'?t|didn'?t|never|not\s+yet|skipped|without|on\s+behalf|pending|anyway|before)\b|\bas\s+(?:if|already)\b|\b(?:committee|board|owner|council|inspector|she|he|they)\s+(?:meets?|decides?|votes?|comes?|signs?)\b", reach=9),
    Frame("disclose", r"send|email|e-?mail|mail|forward|share|give|hand|pass|post|publish|upload|leak|text|sms|export|copy|sell|show|tell|notify|offer|provide|distribute|circulate|transmit|transfer|push|webhook|dump|let|release|disclose|slip|supply", words.OUTSIDER, unless=r"\bsavings?\s+report\s+to\s+the\s+customer\b|\bnot\s+to\b|\bour\s+own\b|\bfor\s+the\s+public\b|\bpublic\s+(?:buildings|utilit\w+|school)\b|\banyone\s+(?:on\s+call|on\s+site|available|free)\b|\boutside\s+air\b", reach=22),
    Frame("disclose", r"send|email|e-?mail|mail|forward|share|give|hand|pass|post|publish|upload|leak|text|export|sell|dump|show|tell|list|find|get|extract|collect|print|let|pull|look", words.PERSONAL, reach=14, unless=r"\b(?:on[\s-]call|duty)\b"),
    Frame("disclose", r"send|email|e-?mail|mail|forward|post|publish|upload|leak|export|copy|dump|sell|download|notify|transfer", r"(?:customer\s+(?:list|data(?:base)?)|(?:all|every|the\s+(?:entire|whole|full|complete)|everyone'?s?|raw)\s+(?:\w+'?\s+){0,3}(?:data(?:base)?|documents|contracts|records|files|dump|reports?|readings|customers)|(?:data|meter\s+data|database)\s+dump|no\s+redaction|unredacted)", r"@|\b(?:gmail|http|link|stick|contractor|consultant|list|partners?|external|outside|contacts|press|personal|private|leav\w+|new\s+job|redaction|unredacted|no\s+nda)\b", reach=10),
    Frame("disclose", r"publish|tell|post|send|share|show|print|list|email", r"with\s+(?:all\s+|their\s+|full\s+)?names\b", reach=12, unless=r"\bmeter\s+names|building\s+names|site\s+names|tags?\b"),
    Frame("disclose", r"webhook|send|text|post|forward|hand|share|give|email|mail|put|copy", r"(?:account\s+numbers?|confidential|secret|all\s+alerts|every\s+(?:notification|alert)|customer\s+database|board'?s?\s+draft|unpublished|trade\s+secrets?|price\s+offers)\b", r"https?://|\+?\d[\d ()-]{9,}|@|\b(?:suppliers?|bidders?|vendors?|tenants|consultants?|outside|contractors?|nda|undercut|competitors?|everyone)\b", reach=6),
    Frame("trespass", r"log\s?in|sign\s+(?:me\s+)?in|act|pose|impersonate|pretend|masquerade|assume|use|switch|become|work|run|authenticate|treat\s+me", r"(?:as\s+(?:the\s+|an?\s+|if\s+i\s+were\s+)?(?:root|admin\w*|superuser|owner|cfo|ceo|finance|auditor|operator|developer|support|system|customer|someone|somebody|\w+'s)|(?:\w+'s|his|her|someone\s+else'?s?|their)\s+(?:account|login|token|password|credentials|id|session|rights|user|identity)|the\s+role\s+of|you'?re\s+(?:the|an?)\s+(?:root|admin\w*|super\w*|owner|system)|to\s+be\s+(?:the\s+|an?\s+)?(?:admin\w*|root|cfo|ceo|customer|utility|owner|auditor|\w+\s+from)|the\s+(?:utility|customer|cfo|ceo|owner|administrator)|to\s+tenant|into\s+tenant|service\s+account|permissions?\s+(?:are|is)n?'?t?)", reach=5),
    Frame("trespass", r"grant|give|elevate|escalate|add|assign|raise|promote|extend|make|let|upgrade|increase|elevate\s+my|set", r"(?:(?:me|my|myself|this|yourself|him|her|\w+)\s+){0,3}?(?:admin\w*|root|superuser|write\s+(?:access|rights|permissions?)|(?:full\s+)?access|permissions?|rights|privileges?|role|scopes|approver)", r"\b(?:me|my|myself|i'm|session|account|user|role|to\s+\w\.?\s?\w+|brother|friend)\b", reach=4, unless=r"\bwithout\s+raising\b|\b(?:what|which)\s+(?:my|his|her|the)\s+role\b"),
    Frame("trespass", r"(?:hand|give|tell|show|print|list|reveal|send|dump|display|read|export|email|share|find|fetch|look|get|post|what'?s|i\s+need|need|text|paste|output|copy|repeat|out|leak)", words.CONFIDENTIAL, reach=9, unless=r"\b(?:pdf|protected|doc-\d+|on\s+(?:that|the|this)\s+(?:pdf|file|document))\b"),
    Frame("trespass", r"approve|sign|accept|withdraw|close|confirm|cancel|acknowledge|reject|order|agree|submit|book|raise", r"on\s+(?:the\s+)?(?:\w+'s\s+behalf|behalf\s+of)", reach=9),
    Frame("trespass", r"open|read|show|list|create|pull|get|look\s+at|switch\s+off|turn\s+off|disable", r"(?:organi[sz]ation\s+\w+|tenant\s+(?:check|isolation|filter|boundary)|in\s+the\s+name\s+of\s+(?:another|a\s+different|somebody|someone))", reach=9),
    Frame("trespass", rf"{words.CONFIDENTIAL}\s+(?:for|of|to|please|now)", "", "", unless=r"\b(?:reset|expired|forgotten|lost)\b|\b(?:pdf|protected|doc-?\d+|on\s+(?:that|the|this)\s+(?:pdf|file|document))\b"),
    Frame("disarm", r"turn\s+off|switch\s+off|disable|deactivate|mute|suppress|silence|kill|stop|disconnect|defeat|unsubscribe|jumper|bridge|bypass|remove|mask|take|turn|switch|shut\s+off|shut\s+up|unplug|lower|hold\s+back|keep|snooze|suspend|block|pause|override|ignore|drop", words.PROTECTION, words.MANY + r"|\b(?:off|forever|permanently|for\s+good|disable|deactivate|defeat|interlocks?|safety|smoke|fire|leak|audit|logging|emergency|gas|service|out\s+of|on-call|watchdog|supervision|protection|manual|paged|can\s+wait|authentication|weekend|night|monitoring|detect\w*|co|sensors?|cut-?outs?|pressure)\b", unless=r"\boff\s+the\s+(?:board|list)\b|\bnotifications?\s+(?:during|at|between|over\s?night)\b|^keep\b.*\bopen\b|\balarm\s+\d+|\balert\s+[A-Z]{0,2}-?\d+\s+(?:until|for|till)\b|^snooze\s+(?:the\s+)?(?:alert|alarm)\s+\w*-?\d|^(?:take|drop|keep|ignore|lower|pause|remove)\b(?!.*\b(?:safety|smoke|fire|leak|gas|audit|interlock|emergency|alarm|alert|monitoring|relay|sensor)\w*)|" + words.VIEW, reach=5),
    Frame("disarm", r"set|raise|put|tune|widen", r"(?:thresholds?|limits?|sensitivity)", r"\b(?:nothing|never|no\s?body|no\s+one|no\s+alerts?)\b.{0,20}\b(?:report|fire|trip|alarm|alert|notif|happen|ring|trigger|see)\w*", reach=5),
    Frame("disarm", r"keep|prevent|stop|let|make", r"(?:alarms?|alerts?|warnings?|pagers?)", r"\bfrom\s+(?:going|ringing|firing|reaching)\b|\bexpire\b|\bquiet\b|\bring\s+out\b", reach=5),
    Frame("disarm", r"no\s+more", r"(?:alerts?|alarms?|warnings?|notifications?)", unless=r"\bno\s+more\s+than\b|\b(?:just|only)\b", reach=1),
    Frame("disarm", r"stop|never(?!\s+mind)|don'?t(?:\s+ever)?|nobody\s+should|no\s+one\s+should|nobody\s+(?:may|must|shall)", r"(?:alert\w*|alarm\w*|notif\w+|telling|tell|log|logging|record\w*|monitor\w*|warn\w*|page|paging|escalat\w*|check\w*)", r"\b(?:ever|any\s?more|whatever|forever|at\s+all|gas|smoke|fire|on-call|safety|what\s+i\s+do|certificates?|critical|leak\w*|hospital|operating|never)\b", reach=5, unless=r"^don'?t[^.]*,\s*(?:just\s+|only\s+)?(?:page|notify|alert|tell|raise|text|show|list)\b"),
    Frame("pay", r"pay(?!\s*back)|wire(?!s)|remit|refund|transfer|release|settle|reimburse|disburse|payout", r"(?:invoices?|bills?|money|funds|budget|retention|fees?|rebates?|incentives?|\$\s?\d|usd|\d+\s?(?:usd|dollars|k)|half|deposit|advance|contractors?|vendors?|installers?|customers?|everyone|everybody|him|them|balance|payments?|incentive\s+money|cash)", unless=r"\b(?:how\s+much|how\s+many|release\s+notes|event|wired)\b|^settle\b.*\bbaseline\b", reach=8),
    Frame("pay", r"issue|invoice|bill|claim|book|charge|settle|pay", "", r"\b(?:weren'?t|wasn'?t|never|not|un)[\s-]?(?:yet\s+)?(?:verified|delivered|measured|confirmed)\b", unless=r"\?"),
    Frame("pay", r"charge|change|book|commit|move|buy|accept|order|hand|take\s+out|switch", r"(?:card|bank\s+details|capital\s+budget|company\s+card|us\s+to|without\s+a\s+tender|vendor\s+my|money\s+between|loan|kickback|bribe|commission\s+to\s+me)", reach=9),
    Frame("mass", _WRITES, _NO_ONE_BY_ONE, words.MANY, unless=r"\b(?:if|once|when)\s+(?:everything|all)\s+(?:is|was|looks|works)\b|^confirm\s+(?:that|whether|if)\b|\bby\s+me\b|\b(?:gaps|if\s+any|my|older\s+than)\b|\b(?:list|show|count)\b.{0,20}$|^(?:accept|confirm|mark|clear|assign)\b(?!.*\ball\b|.*\bevery)", reach=6),
    Frame("mass", r"open|raise|create|file", r"(?:tickets?|alerts?|cases?)\s+for\s+(?:every|all|each)\s+(?:single\s+)?(?:meters?|customers?|tenants?|buildings?|sites?)", unless=r"\bwith\b|\bthat\b", reach=4),
    Frame("mass", r"notify|message|text|sms|email|mail|spam|blast|flood|warn|alert|tell|ping|send|call|bombard", r"(?:all|every\w*|each|whatever|anyone|the\s+(?:press|fire\s+department|tenants?)|contractor|queue)", r"\b(?:joke|prank|test(?!\s+(?:alarm|run|of)|\w)|a\s+hundred\s+times|ten\s+times|until\s+(?:he|she|they)|as\s+if|looks?\s+as|cut\s+off|evict\w*|scare|threat\w*|fake|bomb|gas\s+leak|burning|evacuat\w*(?!\s+(?:drill|plan|route))|double|opted\s+out|ever\s+had|in\s+the\s+(?:address\s+book|database|system)|we'?ve\s+ever|address\s+book|of\s+all\s+tenants)\b", reach=9),
)  # fmt: skip
_COMPILED: Final = tuple(
    (
        frame,
        frame.pattern(),
        re.compile(frame.manner, re.IGNORECASE) if frame.manner else None,
        re.compile(frame.unless, re.IGNORECASE) if frame.unless else None,
    )
    for frame in _FRAMES
)

_ASKS_FIRST: Final = re.compile(
    r"\bonly\s+(?:after|once|when|with|if)\s+(?:my|his|her|our|their|the|i|she|he)\s+(?:\w+\s+)?(?:approv\w+|ok|sign\w*|sa(?:y|id)\s+yes)\b",
    re.IGNORECASE,
)
"""Words of somebody who wants the approval that an act would go around."""


def ordered_act(text: str) -> str | None:
    """The class of the first forbidden act that the text orders; none where it only speaks of one.

    >>> ordered_act("run the report and then wipe the audit log"), ordered_act("who wiped the audit log?")
    ('destroy', None)
    """
    asks_first = _ASKS_FIRST.search(text) is not None
    for order in orders(text):
        for frame, head, manner, unless in _COMPILED:
            if asks_first and frame.act == "bypass":
                continue
            if (
                head.match(order.words)
                and (manner is None or manner.search(text))
                and not (unless and unless.search(order.words))
            ):
                return frame.act
    return None
