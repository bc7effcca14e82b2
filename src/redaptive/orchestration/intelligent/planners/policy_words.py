"""Words of the policy by meaning: what can be destroyed, falsified, disclosed or switched, and who must not get what."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

from typing import Final

RECORD: Final = (
    r"(?:readings?|rdgs|data(?:base|sets?)?|db|meters?|buildings?|bldgs?|tables?|records?|entr(?:y|ies)|histor(?:y|ies)|audit\w*|logs?|trails?|traces?|alerts?|alarms?|tickets?|"
    r"backups?|bills?|invoices?|documents?|files?|reports?|certificates?|tenants?|accounts?|customers?|users?|portfolios?|sites?|projects?|evidence|findings?|comments?|complaints?|payments?|feeds?|stores?|originals?|"
    r"baselines?|inventor(?:y|ies)|contracts?|permits?|change\s+orders?|failures?|anomal(?:y|ies)|notes?|everything|all\s+of\s+it)"
)
"""What is kept, and is never deleted on a sentence."""
KEPT: Final = r"\b(?:histor(?:y|ies)|logs?|audit\w*|trails?|records?|database|backups?|everything|entire|whole|all|every|permanently|for\s+good|for\s+ever|forever|irrevocabl\w+|original|interval\s+data|from\s+the\s+(?:system|database|store|books?|records?|files?|platform))\b"
VIEW: Final = r"^(?:\w+)\s+(?:(?:the|all|any|those|these|obvious|short)\s+)*(?:\w+\s+)?(?:outliers?|spikes?|gaps?|filters?|duplicates?)\b|\b(?:from|of|in|out\s+of)\s+(?:the|this|that|my|our|your|any)\s+(?:\w+\s+)?(?:list|comparison|ranking|benchmark\w*|tables?|chart|report|analysis|scope|selection|view|results?|set|average|peer\w*|sample|total|picture|plot|summary|shortlist|query|calculation|rest|scope)\b|\bcomparison\b"
"""A thing that is left out of a view is not destroyed."""
FIGURE: Final = (
    r"(?:readings?|reads?|values?|data|gaps?|savings?|reports?|bills?|invoices?|numbers?|figures?|emissions?|footprint|baselines?|results?|inventory|certificates?|m&v|meters?|kwh|kw|peaks?|demand|"
    r"load\w*|usage|consumption|dates?|checklists?|tests?|permits?|hours|scores?|percentiles?|probabilit\w+|uncertaint\w+|multipliers?|factors?|sla|clock|ratings?|costs?|payback|npv|eui|temperatures?|"
    r"tickets?|events?|labou?r|measurements?|incentives?|reasons?|inspections?|ESG|records?|evidence)"
)
"""What is measured, calculated or attested."""
CONTROL: Final = (
    r"(?:approvals?|approvers?|permissions?|authori[sz]ations?|sign-?\s?offs?|signatures?|confirmations?|confirming|review\w*|gates?|four-?\s?eyes(?:\s+check)?|two-?\s?(?:person|man)(?:\s+rule)?|"
    r"validat\w+|verif\w+|checks?|checking|qa|quality\s+(?:check|control)s?|audits?|auditing|polic(?:y|ies)|safeguards?|guardrails?|controls?|procedures?|oversight|vetting|consent|mfa|2fa|security|"
    r"(?:spending|approval|credit|safety|budget)\s+(?:limits?|thresholds?)|row-?\s?level\s+security|rls|access\s+controls?|rules?|compliance|acceptance|testing|inspections?|due\s+diligence|tender|nda|legal|checklists?|paperwork|"
    r"commissioning|lock-?\s?out|tag-?\s?out|loto|m&v|risk\s+checks?|change\s+control)"
)
"""What stands between a wish and its effect."""
PROTECTION: Final = (
    r"(?:alarms?|alerts?|alerting|safet(?:y|ies)|interlocks?|detect(?:ion|ors?)|monitoring|supervision|watchdogs?|logging|audit\s+(?:log|trail)s?|smoke\w*|fire\s+\w+|sprinklers?|freezestats?|"
    r"cut-?outs?|relief\s+valves?|relays?|protections?|authentication|security|leak\s+\w+|emergency\s+\w+|pagers?|paging|escalations?|notifications?|warnings?|co\s+sensors?|gas\s+(?:alarms?|detect\w+|sensors?|smell\w*|leaks?)|validat\w+|permissions?|lockouts?|failsafes?)"
)
OUTSIDER: Final = (
    r"(?:competitors?|rivals?|press|media|journalists?|reporters?|newspapers?|bloggers?|public|internet|facebook|twitter|linkedin|reddit|friends?|brother\S*|sister\S*|cousin|uncle|wife|husband|spouse|"
    r"girlfriend|boyfriend|neighbou?rs?|anyone|anybody|strangers?|outsiders?|(?:other|rival|competing)\s+(?:bidders?|vendors?|suppliers?)|gmail|hotmail|yahoo|outlook\.com|protonmail|dropbox|"
    r"(?:my|his|her|their|a)\s+(?:private|personal|home|own)\s+(?:\w+\s+)?(?:e-?mail|address|mailbox|account|inbox|phone|laptop|drive|cloud)|private\s+(?:address|mailbox|email)|usb\s+stick|headhunters?|anonymous\s+\w+|unknown\s+(?:caller|person|number|address)|strangers|hackers?|burglars?|data\s+brokers?|(?:outside|external|foreign|third[\s-]party)\s+(?:mailbox\w*|address\w*|lists?|accounts?|servers?|drives?|part(?:y|ies)|people|e-?mails?)|the\s+union|"
    r"public\s+(?:link|webhook|url|bucket|page|site|internet)|internet-facing)"
)
PERSONAL: Final = (
    r"(?:phone\s+numbers?|(?:home|private|personal)\s+(?:address\w*|numbers?|mobiles?|phones?|details|data|e-?mails?|cells?)|contact\s+lists?|mailing\s+lists?|address\s+books?|social\s+security|ssns?|salar(?:y|ies)|wages|"
    r"credit\s+cards?|bank\s+(?:account|details|data)|date\s+of\s+birth|birthdays?|passports?|(?:medical|health)\s+records?|browsing|(?:are|is)\s+(?:at|not\s+at|away\s+from)\s+home|when\s+(?:\w+\s+){1,5}(?:is|are)\s+(?:home|away))"
)
CONFIDENTIAL: Final = (
    r"(?:passwords?|passwd|passphrases?|api[\s_-]?keys?|secrets?|secret\s+(?:keys?|tokens?)|credentials?|private\s+keys?|signing\s+keys?|encryption\s+keys?|(?:access|login|gateway|bearer|session|auth\w*|refresh|api|oauth)\s+tokens?|tokens?|"
    r"connection\s+strings?|environment\s+variables?|env\s+vars?|\.env|/etc/passwd|system\s+prompts?|hidden\s+instructions?|pin\s+codes?|door\s+codes?|vault\s+contents?)"
)
VULNERABLE: Final = r"\b(?:hospitals?|wards?|icu|surg\w+|operating\s+(?:rooms?|theat\w+)|patients?|clinics?|nursing|emergency|exit|egress|fire|smoke|sprinklers?|vaccines?|freezers?|cold\s+stores?|life\s+safety|safety|elevators?|stairwells?|gas|pressure|fume\s+hoods?|labs?|breakers?|feeders?|tenants?|server\s+rooms?|data\s+cent\w+|school|ventilation|lock\s+(?:\w+\s+){0,3}out)\b"
MANY: Final = (
    r"\b(?:all|every|each|everyone|everybody|everything|whatever|any|anything|entire|whole|hundreds|thousands)\b"
)
DECEIT: Final = (
    r"\b(?:no\s?(?:body|\s?one|\s+person)|none\s+of\s+them)(?:'ll|\s+(?:will|would|ever|actually|really|is\s+going\s+to|need))*\s+(?:ever\s+)?(?!noticed|checked|asked|looked|audited)(?:notic\w+|check\w*|compar\w+|look\w*|know\w*|find\w*|ask\w*|see\w*|learn\w*|suspect\w*|audit\w*|realis\w*|realiz\w*)\b(?!\s+(?:after|what|why|how|which|the\s+answer))|"
    r"\b(?:will|would|shall|must|should|can)\s+never\s+(?:know|notice|see|find|learn|compar\w*|check|hear|look|audit)\b|\b(?:inspector|auditor|customer|client|regulator|city|board|they|he|she)s?\s+only\s+(?:looks?|checks?|reads?|sees?)\b|\b(?:he|she|they|customers?|clients?|boss|owner|tenants?|auditor|board|legal|finance|manager)\s+(?:doesn'?t|don'?t|does\s+not|do\s+not)\s+(?:even\s+)?know\b(?!\s+(?:how|what|which|if|whether|why|where|when|that|the|their|our|much|yet))|\bnobody\s+(?:worked|ran|made|ordered|tested|took)\b|\bno\s+need\s+to\s+(?:document|explain|mention|justify|note|record|report|say)\s+(?:why|it|that|this)\b|\bthere\s+was\s+none\b|\bso\s+(?:that\s+)?we\s+don'?t\s+have\s+to\s+(?:report|pay|tell|disclose|explain|admit)\b|"
    r"\b(?:city|inspector|auditor|customer|client|board|regulator|utility|office)s?\s+(?:won'?t|doesn'?t|don'?t|never)\s+(?:ever\s+)?(?:check|look|know|notice|ask|care|see|read)s?\b|\bmake\s+sure\s+(?:\w+\s+){1,4}never\s+(?:finds?|sees?|learns?|hears?|knows?)\b|\b(?:doesn'?t|won'?t|not|never)\s+(?:show\s+up|appear|turn\s+up|be\s+(?:visible|seen|recorded|logged|traced))\b|"
    r"\b(?:won'?t|wouldn'?t|will\s+not|doesn'?t|never|can'?t|cannot|don'?t)\s+(?:even\s+|ever\s+)?(?:notice|suspect|find\s+out|check\s+(?:it|this|that|anyway))\b|"
    r"\bwe\s+(?:never|didn'?t|did\s+not|haven'?t|hadn'?t)\s+(?:actually\s+|really\s+)?(?:ran|run|did|do|done|test\w*|install\w*|inspect\w*|measur\w*|check\w*|look\w*|perform\w*|finish\w*|complet\w*|commission\w*)\s*(?:it|them|that|this|any)?\s*(?:$|[.!,;])|"
    r"\b(?:needn'?t|need\s+not|must\s?n'?t|must\s+not|should\s?n'?t|should\s+not|doesn'?t\s+(?:have|need)\s+to|don'?t\s+(?:have|need)\s+to|didn'?t|never\s+(?:has|have|needs?)\s+to)\s+(?:ever\s+)?(?:know(?!\s+about)|learn|find\s+out|see\s+(?:it|this|that)|hear)\b|"
    r"\bbetween\s+(?:us(?!\s+and)|you\s+and\s+me)\b(?!\W+(?:is|are|was|which|what|how|who)\b)|\bunder\s+the\s+(?:radar|rug|table|carpet)\b|\bdon'?t\s+(?:mention|say|tell|flag|record|log|show|report|disclose|reveal|let\s+(?:\w+\s+){1,3}(?:know|see|find))\b(?!\s+me\b)(?!\s+any(?:one|body)\s+yet)|"
    r"\bwithout\s+(?:mention\w*|telling(?!\s+us)|saying|a\s+(?:note|trace|footnote)|any(?:one|body)\s+(?:knowing|noticing|seeing|finding)|leaving\s+a\s+trace|anyone'?s?\s+knowledge|flagging|disclos\w+|inform\w+)\b|"
    r"\b(?:keep|kept)\s+(?:\w+\s+){1,6}?(?:quiet|secret|hidden|between\s+us|under\s+wraps|out\s+of\s+(?:the\s+)?(?:report|audit|record|inventory|minutes))\b|\boff\s+the\s+(?:record|books)\b(?!\W+(?:is|are|was|which|what|how|who)\b)|\bno\s+(?:paper\s+|audit\s+)?trail\b"
)
"""Words of somebody who does not want to be seen."""
FLATTER: Final = (
    r"\b(?:look|looks|appear|appears|seem|seems)\s+(?:\w+\s+){0,2}?(?:better|lower|higher|smaller|bigger|larger|good|great|nice|nicer|clean|cleaner|fine|ok(?:ay)?|greener|twice|half|impressive|like\s+(?:we|it|a|an|they|nothing)|as\s+if|shorter|healthier|compliant)\b|"
    r"\bso\s+(?:that\s+)?(?:[\w&%.-]+\s+){1,6}?(?:gets?\s+(?:below|under|above|over)|goes\s+to\s+zero|falls?\s+(?:in|under|below)|drops?|hits?|meets?|pass(?:es)?|qualif\w+|match(?:es)?|clears?|beats?|reach\w*|comes?\s+in\s+under|stays?\s+under|goes\s+away|disappears?|vanish\w*|never\s+happen\w*|gets?\s+approved|goes\s+(?:up|down))\b|"
    r"\bto\s+(?:make|hit|pass|meet|qualify|get\s+(?:the|us|it)\s+under|match\s+the\s+(?:guarantee|target)|please)\b|\bwhatever\s+(?:the\s+)?(?:meters?|data|model|results?|makes?|it\s+takes)\b|\bregardless\s+of\s+(?:what\s+)?(?:the\s+)?(?:meters?|data|npv|results?|truth|facts|model)\b|"
    r"\b(?:instead\s+of|not|rather\s+than)\s+the\s+(?:real|actual|true|measured|correct|right)\b|\bas\s+(?:if|though)\b|\bover\s+the\s+(?:real|actual|measured|true)\b|\bthan\s+(?:the\s+official|(?:it|they|we)\s+(?:has|have|really|actually))\b|\bit\s+really\s+is\b|\bon\s+purpose\b|\b(?:ours|theirs|they|it)\s+(?:is|are)\s+(?:far\s+|much\s+)?too\s+(?:high|low|bad)\b|\bthe\s+(?:real|true)\s+(?:one|figure|number|value)\s+(?:is|was)\b|\breally\s+(?:it'?s|is|at)\s+\d|\d\s+really\b|\b(?:readings?|numbers?|figures?|values?|data|reasons?)\s+that\s+(?:fit|work|pass|suit|help|agree|match|make)\b|\bwhatever\s+(?:\w+\s+)?(?:gets|makes|brings|helps|puts)\s+us\b|\buntil\s+(?:they|it|we)\s+(?:are|is)\b|\buntil\s+(?:[\w-]+\s+){1,6}?(?:fit\w*|pass\w*|match\w*|look\w*|hit\w*|reach\w*)\b|\bnever\s+(?:happen\w*|took\s+place)\b|"
    r"\bbefore\s+(?:the\s+|an?\s+|our\s+)?(?:audit\w*|regulators?|customers?|clients?|inspectors?|lawyers?|board|owners?|review|epa)\b|\b(?:even\s+(?:though|tho)|although|though)\b.{0,40}\b(?:not|\w+n't|never|fail\w*|hasn'?t|isn'?t|comes?\s+tomorrow|missing|skipped)\b"
)
"""What a true figure needs no help for."""
