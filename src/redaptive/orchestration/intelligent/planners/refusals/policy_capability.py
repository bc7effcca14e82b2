"""Orders that no tool carries out, and things that no tool knows: trade, field work, other systems, foreign markets."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.policy_orders import orders, verb_near


@dataclass(frozen=True)
class Inability:
    """What is not done: a verb at the head of an order, its object within `reach` words, no `unless` in the text."""

    message: str
    verb: str
    what: str
    unless: str = ""
    reach: int = 6


_TRADE: Final = (
    "The platform measures, plans and advises; it does not buy, sell, sign or file. It can price the choices."
)
_FIELD: Final = "Nobody goes to the site from here. A ticket or a message can send a field engineer."
_OFFICE: Final = (
    "That belongs to another system, which is not connected. Messages go by e-mail, SMS, webhook or portal."
)
_UNSEEN: Final = (
    "No meter or tool here records that: there are readings of energy, power, gas, water and equipment points."
)
_ABROAD: Final = (
    "Prices, tariffs, factors and incentives are those of the United States; there are none for other countries."
)
_FICTION: Final = (
    "There is no such measure in the library. Ask for the savings measures of a building to see those that there are."
)
_CERTAIN: Final = "Nobody can promise that. A forecast or a risk simulation gives the range and its probability."
_COMMODITY: Final = (
    r"(?:power|electricity|energy|gas|mwh|kwh|mw|kw|recs?|certificates|offsets|allowances|credits|hedges?|futures?(?:\s+position)?|options?|swaps?|shares?|stocks?|bonds?|contracts?|ppas?|agreements?|capacity|surplus|solar|loads?|"
    r"panels?|fixtures?|lamps?|parts?|compressors?|motors?|drives?|vfds?|chillers?|boilers?|pumps?|batter\w+|trucks?|cranes?|insurance|policy|licen[cs]es?|caps?|collars?|spread|block|project|building|equipment|materials?|filters?|sensors?|meters?|loggers?)"
)
_INABILITIES: Final[Sequence[Inability]] = (
    Inability(_TRADE, r"buy|purchase|sell|trade|hedge(?!\s+ratio)|bid|procure|lock\s+in|acquire|auction|retire|lease|rent|lend|unload", rf"{_COMMODITY}|today'?s|half|everything|it\s+on\s+the\s+market|our\b|us\b|roof", unless=r"\?\s*(?:show\b.*)?$|^sell\s+or\b|\b(?:or\s+(?:lease|buy|rent|wait|repair|sign|keep)|risk\s+of|worth|should|versus|vs|strategy|compare|in\s+theory|me\s+on\s+the)\b"),
    Inability(_TRADE, r"reserve|nominate|pledge|commit|put|offer|place|list", r"(?:in\s+the\s+(?:capacity|ancillary|balancing|spot|forward)\s+(?:market|auction)|on\s+the\s+market|(?:up\s+)?for\s+sale|purchase\s+orders?|po|bids?|bet)", reach=7),
    Inability(_TRADE, r"order|ship|deliver|courier|dispatch", r"(?:replacements?|compressors?|parts?|\d{1,3}\s+(?!day|hour|week|month|min)\w+s|motor|drives?|fixtures?|panels?|filters?|pizza|truck|crane|spare|materials?|lamps?|batter\w+|crew|technician)", unless=r"\b(?:by|from\s+worst|in\s+order|change\s+order|work\s+order)\b", reach=3),
    Inability(_TRADE, r"sign|negotiate|renegotiate|haggle|renew|terminate|execute|award|close", r"(?:contracts?|agreements?|ppas?|deals?|offers?|rates?|terms|insurance|lease|service\s+with|supply|better\s+(?:rate|price|deal)|a\s+new\s+retail|job\s+to|purchase)", unless=r"\b(?:off|change\s+order|ticket|alert|or\s+sign|compare)\b|\?\s*$"),
    Inability(_TRADE, r"hire|recruit|employ|subcontract|find\s+us\s+a\s+contractor", r"(?:electricians?|contractors?|crew|engineers?|managers?|plumbers?|technicians?|someone|staff|people|consultants?|lawyers?)", unless=r"\bfire\s+(?:pump|alarm|damper)"),
    Inability(_TRADE, r"enroll|enrol|register|sign\s+(?:us|me|them|our\s+\w+)\s+up|apply\s+(?:for|to)|file|submit|lodge", r"(?:program\w*|enrol\w*|demand\s+response|rebates?|incentives?|credit|permit|application|interconnection|energy\s+star|portfolio\s+manager|label|plaque|taxes|tax|lawsuit|city|utility|cdp|gresb|epa|cdp|inventory\s+to|report\s+with|auction|forms?|10-?[kq]\b|(?:with\s+)?the\s+sec\b|sec\s+(?:filing|report)|disclosures?|filing|court|complaint\s+with)", unless=r"\b(?:change\s+order|when\s+(?:can|do|must)|the\s+discount|estimates?|rate\s+of|tariff)\b", reach=9),
    Inability(_TRADE, r"switch|move|change|transfer|enroll|put|cancel|open\s+an\s+account|migrate", r"(?:us\s+to|to\s+(?:the|a|another)\s+(?:cheap\w*|other|new|better|different)\s+(?:rate|tariff|supplier|plan|contract)|our\s+(?:tariff|rate|supplier|service|account)\s+(?:at|to|with|from)|service\s+with|(?:retail\s+)?provider|supplier|to\s+the\s+cheapest|with\s+(?:a|an)|over\s+to\s+rate)", reach=5, unless=r"\b(?:what|how\s+much|would|compare|check|price)\b|^change\s+order"),
    Inability(_TRADE, r"get|take\s+out|arrange|secure|obtain|raise", r"(?:a\s+loan|financing\s+(?:from|at)|a\s+mortgage|(?:the\s+)?permit\s+(?:from|issued)|insurance|venture|a\s+quote|quotes\s+from|investors?)", reach=3),
    Inability(_FIELD, r"install|replace|repair|fix|weld|solder|drive|inspect|repaint|paint|dig|walk|climb|attach|clean(?=.*\b(?:tubes|coils?|filters?|tower|panels|ducts?|strainer)\b)|change(?=\s+the\s+(?:belts?|filters?|oil|bearings?|lamps?))|rebuild|insulate|lift|recharge|rotate|swap|tighten|mount|unscrew|lubricate|grease|wire|rewire|vacuum|sweep|mow|hang|bolt|caulk|seal|patch|refill|top\s+up|dismantle|demolish|haul|unload|plug\s+in", r"(?:fixtures?|filters?|valves?|pipes?|pumps?|leak\w*|tubes?|modem|switchgear|roof|trench|feeder|belts?|batter\w+|steam|tower|refrigerant|clamps?|bearings?|compressors?|motors?|panels?|lamps?|leds?|lights?|dampers?|coils?|walls?|windows?|doors?|meters?|sensors?|loggers?|chillers?|boilers?|fans?|ducts?|wiring|cables?|gaskets?|thermostats?|building|site|to\s+\w+|whatever|units?|transformers?|rtu\S*|ahu\S*|controllers?|sprinklers?|elevators?|fuses?|breakers?|economi[sz]ers?)", unless=r"\?\s*$|\binstall\w*\s+(?:windows?|dates?|from|period|start|end|cost)|^(?:repair|replace)\s+or\b|\b(?:data|reads?|readings|bill|rollover|gaps?|series|multiplier|spikes?|specified|contract|or\s+leave|photo|pdf|walkdown|scope|or\s+(?:repair|replace|keep)|ticket|alert|tell|notify|ask|checklist|what|cost|would|worth|change\s+order|report|scope|budget|npv|irr|savings?|year|years|old|payback|rank|when|project|measure|after|days?|how\s+much|the\s+(?:numbers?|baseline|bill))\b", reach=5),
    Inability(_FIELD, r"have|get|see\s+that", r"(?:belts?|filters?|lamps?|valves?|pumps?|motors?|leaks?|coils?|gaskets?|bearings?|dampers?|sensors?|fans?|panels?|roof|pipes?|meters?|chillers?|boilers?)\b(?:\s+\w+){0,2}\s+(?:changed|replaced|fixed|repaired|installed|cleaned|swapped|sealed|painted|tightened)", reach=5),
    Inability(_FIELD, r"fly|send|use", r"(?:drones?|robots?|quadcopter|helicopter|a\s+dog|submarine)", reach=5),
    Inability(_FIELD, r"go|drive|travel|head|walk|run\s+over|come|have\s+(?:your|a)\s+(?:technician|engineer)\w*", r"(?:to\s+the\s+(?:site|plant|roof|building|basement)|over\s+there|there\s+by|the\s+(?:building|roof|site)\s+and|and\s+look\s+whether|on\s+site|by\s+the\s+plant)", reach=4, unless=r"\b(?:back|through|ahead|thru)\b"),
    Inability(_FIELD, r"take|collect|draw|snap|shoot|make", r"(?:(?:a\s+|the\s+)?(?:thermal\s+|aerial\s+)?(?:photos?|pictures?|images?|selfies?)\s+of|(?:water|air|oil|soil|blood)\s+samples?|a\s+sample|infrared)", reach=3),
    Inability(_FIELD, r"measure|check|test|read|listen|weigh|count|scan|feel|smell", r"(?:with\s+(?:a|an|your)\s+(?!.*(?:baseline|model|confidence|method|meter|regression|bootstrap|uncertainty|margin|threshold|tolerance))\w+|blower\s+door|stethoscope|by\s+hand|in\s+person|on\s+foot|the\s+dial|clamp\s+meter|by\s+actually|on\s+my\s+desk|air\s+leakage|physically|multimeter|thermal\s+camera)", reach=9),
    Inability(_OFFICE, r"call|ring|phone|telephone|dial|page\s+over|skype|facetime|talk|speak|argue|chat", r"(?:technician|utility|hotline|customer|them|him|her|phone|tenants?|landlord|owner|manager|boss|accountant|city|contractor|until|by\s+phone|with\s+the\s+(?:utility|city|landlord)|supplier|vendor|office|mom)", reach=5, unless=r"\b(?:call\s+(?:it|out)|ring\s+fence|report|email|sms|text\s+)\b"),
    Inability(_OFFICE, r"(?:make|produce|record|generate|create|draw|design|render|shoot|build|compose|paint|film|animate)", r"(?:videos?|movies?|podcasts?|voice\s+\w+|songs?|music|3d\s+models?|floor\s+plans?|photos?|logos?|renderings?|jingles?|slides?|powerpoint|animations?|an\s+app|a\s+website|image\s+of|blueprint|cad)", reach=4, unless=r"\bvoice\s+of\b|\bplan\s+of\b"),
    Inability(_OFFICE, r"tell|deliver|notify|update|write|sync|put|post|push|add|upload|enter|log|copy|export|send|save|import|create|open|file|publish|record|transfer|paste|forward|register", r"(?:sap|salesforce|jira|servicenow|maximo|slack|(?:ms\s+)?teams(?:\s+channel)?|(?:my|our)\s+outlook|google\s+(?:calendar|drive|sheets)|calendar|cdp|sharepoint|workday|quickbooks|oracle|netsuite|yardi|tableau|power\s?bi|whatsapp|telegram|instagram|loudspeakers?|tiktok|facebook|twitter|linkedin|portfolio\s+manager|zoom|notion|asana|trello|smart\s+watches?|fax|pigeon|loudspeaker|registered\s+letter|post\s+office|printer|blockchain|registry)", reach=12, unless=r"\bcrews?\b|\bwebhook\b|\bstyle\b|\bgri\b|\btog\w*ther\b"),
    Inability(_OFFICE, r"book|reserve|join|attend|schedule|cancel|arrange|order", r"(?:meeting\s*(?:room)?|hotel|zoom|teams\s+(?:call|meeting)|our\s+call|conference|appointment|room|visit\s+with)", reach=4, unless=r"\bafter\b|\bhotel'?s\b|\broom\s+(?:temp|air)"),
    Inability(_TRADE, r"enter|join|take\s+part\s+in|participate\s+in|bid\s+in(?:to)?", r"(?:capacity\s+|balancing\s+|spot\s+|forward\s+|the\s+|an?\s+)*(?:auctions?|tenders?)", reach=3),
    Inability(_OFFICE, r"post|mail|send|ship|deliver", r"by\s+(?:registered\s+|certified\s+|regular\s+|snail\s+)?(?:mail|post|courier|letter|messenger|pigeon|fax)", reach=9, unless=r"\be-?mail"),
    Inability(_OFFICE, r"inform|notify|tell|send|let|alert|contact|remind|reach|update|warn|forward|get|message|brief|advise|give|ask|share", r"(?:by|via|per|over|through|with)\s+(?:an?\s+|the\s+|our\s+)?(?:fax|phone(?:\s+call)?|telephone|telegram|telex|whatsapp|slack|ms\s+teams|signal\s+messenger|pager|radio|loudspeaker|courier|pigeon|voice\s?mail|telegraph|messenger\s+boy|carrier\s+pigeon|instagram|facebook|tiktok|skype|zoom)\b", reach=14, unless=r"\?\s*$|\b(?:instead\s+of|rather\s+than|not|never|don'?t)\s+(?:by|via|over|through)\b|\bnever\s+answers\b"),
    Inability(_OFFICE, r"fax|telegraph|telex", r"[\w'-]+", reach=0),
    Inability(_OFFICE, r"print|fax|sing|laminate", r"(?:on\s+(?:the|our|my)\s+(?:\w+\s+)?printer|the\s+\w+\s+song|to\s+the\s+inspector)", unless=r"\benglish\b", reach=9),
    Inability("The weather and the past are as they are; use can be normalized for the weather.", r"lower|raise|change|increase|decrease|reduce|stop|make|alter|cool|warm|move|turn", r"(?:outdoor|outside|ambient)\s+(?:air\s+)?temperatures?\b(?!\s+(?:sensor|reset|lockout|limit))|(?:the\s+)?(?:weather|sun\s+shine|sunshine|wind|rain|seasons?|climate)\b(?!\s*(?:data|zone|station|normal\w*|year|file|adjust\w*|correct\w*|source|model|certif\w*|turbine|share))", unless=r"\?\s*$|\b(?:savings?|baseline|what\s+if|would)\b", reach=3),
    Inability("What was used is used; the next savings can be planned.", r"bring\s+back|get\s+back|undo|unuse|give\s+back|recover|return", r"(?:energy|electricity|kwh|kilowatt-?hours|therms|power|gas)\b.{0,30}\b(?:used|wasted|consumed|lost|burned|burnt)", unless=r"\bheat\s+recovery|\?", reach=4),
    Inability("A message that is out cannot be taken back.", r"unsend|un-send|recall|take\s+back|retract|call\s+back|undo|pull\s+back", r"(?:e-?mails?|messages?|sms|texts?|notifications?|notices?)", reach=6),
)  # fmt: skip
_UNREADABLE: Final = (
    "Documents are read as PDF, image or text, EDI and Green Button files; sound, film and drawings are not."
)
_UNREADABLE_FILES: Final = r"\b(?:extract|parse|read|classify|audit|get|pull|import|process|transcribe)\b.{0,60}\b(?:mp3|mp4|wav|audio\s+(?:file|recording)|voice\s?mail|video|youtube|podcast|cassette|vinyl|phone\s+call\s+recording)\b"
_UNSEEN_THINGS: Final = (
    r"\b(?:(?:elevator\w*'?|lift|bike|visitor|customer|foot|calorie)\s+(?:ride\s+)?counts?|ride\s+counts?|rainfall|sales\s+(?:revenue|figures\s+of\s+the\s+shops)|ticket\s+sales|radon|noise\s+level|decibels?|noise\b.{0,12}\bin\s+db|sound\s+(?:level|sensors?)|cameras?\s+(?:picture|image|feed|footage)|webcams?|cctv|wi-?fi|bluetooth|(?:how\s+full|free|occupied)\b.{0,16}\bparking|parking\s+(?:spaces?|meters?|garage\s+occup\w+)|air\s+quality(?!\s+(?:district|permit|board|management))|pm\s?2\.?5|vocs?|mold|mould|footfall|foot\s+traffic|"
    r"how\s+many\s+(?:(?:people|visitors|guests)\s+(?:are|were|is|come|came|walk\w*|enter\w*|visit\w*)|elevator\s+rides|cars)|count\s+(?:the\s+)?(?:faces|people|visitors)|faces|facial|badge\s+(?:data|readers?|swipes?)|swiped|gps|blood\s+pressure|heart\s?rate|fitness\s+(?:bands?|trackers?)|steps\s+from|"
    r"soil\s+moisture|rain\s+gauge|snow\s+(?:lies|depth)|seismic|earthquakes?|radiation|geiger|legionella|lux|light\s+level|thermal\s+images?|infrared\s+images?|microphones?|mood\s+of\s+the\s+(?:tenants|staff|people|guests)|occupancy\s+(?:heat\s?map|sensors?\s+count)|desks\s+(?:are\s+)?free|which\s+desks|"
    r"diesel\s+(?:is\s+)?left|fuel\s+(?:level|left)|tank\s+level|vibration\s+(?:spectrum|analysis|data)|smoke\s+detectors?\s+(?:say|read)|where\s+the\s+(?:technician|van|crew)|van\s+is|tesla'?s|state\s+of\s+charge\s+of\s+my|steam\s+trap\s+temperatures|waste\s+of\s+the\s+canteen|"
    r"moods?\s+(?:of|scores?)|(?:in\s+)?the\s+minds?\s+of|(?:thoughts|feelings|dreams)\s+of|what\s+(?:(?:our|the|all|my|those)\s+)*(?:tenants?|occupants?|people|guests?|staff|residents|visitors|employees|workers|colleagues)(?:\s+(?:in|of|at|on)\s+(?:the\s+)?[\w'’-]+(?:\s+[\w'’-]+)?)?\s+(?:(?:were|was|are|really|all)\s+)*(?:think\w*|thought|feel\w*|felt|dream\w*|fear\w*)(?!\s+(?:of|about)\s+(?:us|our))|"
    r"stock\s+(?:price|of)|lottery|horoscope|tarot)\b"
)
_OWN_ACCOUNT: Final = "A document tells of its own account only, and others' accounts are not seen from here."
_OF_OTHERS: Final = (
    r"\b(?:bills?|invoices?|documents?|DOC-\d+|certificates?)\b[^.;?]{0,60}\bwhat\s+(?:our\s+|the\s+|a\s+|my\s+)?(?:competitors?|neighbou?rs?|rivals?|other\s+\w+|next\s+door|\w+\s+next\s+door)\b"
    r"[^.;?]{0,40}\b(?:pays?|paid|uses?|used|spends?|spent)\b"
)
_PERSON: Final = (
    r"(?:employees?|colleagues?|persons?|people|cleaners?|guards?|tenant'?s?|nurses?|workers?|managers?|staff)"
)
_OF_PEOPLE: Final = (
    rf"\b(?:name|who|which|identify|find\s+out\s+who|tell\s+me\s+which)\b\s*(?:(?:the|is|was|one\s+of\s+the|of\s+our)\s+)*(?:{_PERSON}\s+)?(?:who\s+|that\s+)?"
    r"(?:left|switched|turned|opened|touched|forgot|sat|slept|smoked|cooked)\b[^.;?]{0,30}\b(?:lights?|windows?|doors?|thermostat|heater|heating|fan|projector|room|fridge|oven)\b|"
    rf"\bhow\s+(?:comfortable|happy|tired|warm|cosy|awake|relaxed)\s+(?:the\s+|our\s+)?(?:{_PERSON}|occupants?|guests?|visitors?)\b[^.;?]{{0,16}}\b(?:feel|felt|are|look|seem)\b|"
    r"\b(?:(?:each|every|any|which|whose|individual|single|one|our|the|all)\s+){1,2}(?:employee|person|worker|colleague|resident|visitor|guest|staff\s+member|student|nurse|driver|cleaner)(?:'s|s'|s|’s|s’)?\s+(?:laptops?|phones?|computers?|cars?|kettles?|desk\s+lamps?|chargers?|screens?|monitors?|heaters?|showers?|commutes?)\b|"
    r"\bwhose\s+(?:car|laptop|phone|computer|bike|van|desk|kettle|heater)\b|"
    rf"\bwhat\s+(?:did|do|does|have|has|were|was|are|is)\s+(?:(?:the|our|all|my|those)\s+)*(?:{_PERSON}|tenants?|residents?|guests?|visitors?|occupants?|students|patients)\b[^.;?]{{0,40}}?\b(?:eat|eaten|eating|drink\w*|drunk|wear\w*|worn|watch\w*|read(?:ing)?|buy\w*|bought|cook\w*|listen\w*|talk\w*\s+about|sing\w*|play\w*|dream\w*)\b|"
    r"\b(?:photos?|pictures?|posts?|videos?|tweets?|stories|comments)\b[^.;?]{0,24}\b(?:on|from|in)\s+(?:instagram|facebook|tiktok|twitter|youtube|linkedin|reddit)\b|"
    r"\b(?:liters?|litres?|cups?|pots?|gallons?|pounds?|kilos?)\s+of\s+(?:coffee|tea|milk|beer|wine|soup|food|flour|sugar|rice|paper|trash|garbage|laundry)\b|"
    r"\b(?:indoor|room|zone)\s+(?:co2|carbon\s+dioxide)\b|\bco2\s+in\s+(?:ppm|the\s+(?:room|office|hall))\b|\bppm\s+of\s+(?:co2|carbon\s+dioxide)\b"
)
_LOCAL_WORDS: Final = r"\b(?:pric\w+|tariffs?|rates?|incentives?|rebates?|subsid\w+|grants?|intensity|market|spot|day-ahead|real-?time|lmp|nodes?|iso|auction|mix|program\w*|demand\s+response|capacity|feed-in|allowances?|ets|factor|grid|emits?)\b"
_LOCAL_UNLESS: Final = r"\b(?:inventory|gresb|secr|bills?|statements?|invoices?|scope|(?:an?|the|this|that|their|his|fixed|retail|two|three|both)\s+(?:\w+\s+)?offers?|quotes?|fixed|published|per\s+square|document|report|doc-?\d*)\b"
_FOREIGN: Final = (
    r"(?<!new\s)(?<!east\s)\b(?:germany|german|france|french|uk|u\.k\.|united\s+kingdom|great\s+britain|britain|british(?!\s+thermal)|england|scotland|wales|ireland|irish|canada|canadian|alberta|in\s+ontario(?!,?\s*ca)|qu[eé]bec|manitoba|british\s+columbia|toronto|vancouver(?!,?\s+wa)|montr[eé]al|"
    r"mexico(?!\s+city,\s+mo)|mexican|europe(?:an)?|eu\s+ets|china|chinese|beijing|shanghai|hong\s+kong|india|indian|mumbai|delhi|japan|japanese|tokyo|korea\w*|australia\w*|new\s+south\s+wales|queensland|victoria\s+node|sydney|melbourne(?!,?\s+fl)|new\s+zealand|brazil\w*|chile(?!an\s+miner)|argentin\w+|"
    r"spain|spanish|madrid|italy|italian|rome|milan|netherlands|dutch|sweden|swedish|norway|norwegian|finland|denmark|danish|poland|polish|austria\w*|switzerland|swiss|belgium|portugal|greece|turkey|turkish|israel|egypt|south\s+africa|nigeria|kenya|saudi|dubai|singapore|malaysia|thailand|vietnam|"
    r"bavaria|saxony|hesse|catalonia|andalusia|lombardy|tuscany|sicily|provence|normandy|brittany|flanders|wallonia|zealand|scandinavia|iberia\w*|benelux|balkans|saskatchewan|nova\s+scotia|new\s+brunswick|newfoundland|yukon|calgary|edmonton|ottawa|winnipeg|barcelona|lisbon|porto\b|vienna(?!,?\s*va)|zurich|geneva(?!,?\s*(?:ny|il))|brussels|amsterdam|rotterdam|copenhagen|stockholm|oslo|helsinki|warsaw(?!,?\s*in)|prague|budapest|athens(?!,?\s*ga)|istanbul|moscow(?!,?\s*id)|kyiv|dublin(?!,?\s*(?:oh|ca))|manchester(?!,?\s*nh)|glasgow|edinburgh|cardiff|bangalore|chennai|osaka|seoul|taipei|taiwan\w*|bangkok|jakarta|manila|hanoi|cairo(?!,?\s*il)|lagos|nairobi|johannesburg|cape\s+town|riyadh|abu\s+dhabi|qatar|doha|tel\s+aviv|s[aã]o\s+paulo|rio\s+de\s+janeiro|buenos\s+aires|bogot[aá]|colombian?|peru|lima\b(?!,?\s*oh)|ecuador|brisbane(?!,?\s*ca)|perth(?!\s+amboy)|auckland|tasmania|monterrey|guadalajara|tijuana|czech\w*|hungar\w+|romania\w*|bulgaria\w*|croatia\w*|slovak\w*|sloven\w*|estonia\w*|latvia\w*|lithuania\w*|krak[oó]w|gda[nń]sk|wroc[lł]aw|cologne|frankfurt(?!,?\s*(?:ky|il))|stuttgart|d[uü]sseldorf|leipzig|dresden(?!,?\s*oh)|bremen|hanover(?!,?\s*(?:nh|pa|md))|nuremberg|marseille|toulouse|bordeaux|strasbourg|nantes|turin|naples(?!,?\s*fl)|bologna|florence(?!,?\s*(?:sc|ky|al))|venice(?!,?\s*(?:fl|ca|beach))|valencia(?!,?\s*ca)|seville|bilbao|malaga|antwerp|ghent|the\s+hague|utrecht|basel|bern\b|lausanne|salzburg|graz|gothenburg|malm[oö]|bergen(?!\s+county)|aarhus|tallinn|riga|vilnius|bucharest|sofia|zagreb|belgrade|ljubljana|bratislava|leeds|liverpool|sheffield|bristol(?!,?\s*(?:ct|tn|va|pa|ri))|birmingham,?\s+(?:uk|england)|belfast|hyderabad|pune|kolkata|ahmedabad|kyoto|nagoya|yokohama|busan|shenzhen|guangzhou|chengdu|wuhan|kuala\s+lumpur|ho\s+chi\s+minh|adelaide|canberra|wellington(?!,?\s*(?:fl|ks))|santiago\b|medell[ií]n|quito|caracas|havana|puerto\s+vallarta|canc[uú]n|casablanca|tunis|accra|addis\s+ababa|durban|pretoria|halifax|saskatoon|regina|iceland\w*|luxembourg|provinces?\s+of|cantons?\s+of|prefectures?\s+of|oblast|"
    r"indonesia|philippines|russia\w*|ukrain\w+|berlin|paris(?!,?\s+t)|munich|hamburg|lyon|london(?!derry)|aeso|ieso|aemo|nord\s?pool|epex|n2ex|entso-?e|kfw|edf\b|rte\b|hydro-qu[eé]bec|bc\s+hydro|tennet|ofgem|bafa|rupees?|pounds?\s+sterling|£|€\s?\d)"
)
_FICTIONS: Final = (
    r"\b(?:fusion|perpetual(?:\s+motion)?|antigravity|anti-gravity|antimatter|anti-matter|teleport\w*|flux\s+capacitors?|dilithium|warp\s+(?:drive|core)|unicorn\w*|free[\s-]energy|magic(?:al)?\s+(?:crystals?|panels?|boilers?|wands?|boxe?s?|beans?)|moon(?:light)?\s+(?:power|panels?|down)|"
    r"bring\s+down\s+the\s+moon|volcan\w+|geysers?|pedal\w*|hamster\w*|lightning\s+(?:harvest\w*|power)|zero-?point|time\s+machines?|tachyon\w*|dragons?|space\s+solar|orgone|paint\w*\s+the\s+server|crystals|tesla\s+coils?|prayer\w*|haunted|invisible|"
    r"ghosts?|solar\s+panels?\s+(?:inside|underground|in\s+the\s+(?:basement|cellar|vault))|gravity\s+alone)\b(?!\s+(?:number|quadrant|formula))"
)
_UNUSUAL: Final = r"\b(?:nuclear|reactors?|micro-?reactor|tidal|wave\s+power|hydro(?:power|electric|\s+dam)|dams?\b(?=\s+(?:behind|on|for))|wind\s+(?:turbines?|farms?|power|mill)|windmills?|coal\s+(?:power\s+)?plant)\b"
_NOWHERE: Final = r"\b(?:on|in|of|at|from|for)\s+(?:mars|the\s+moon|jupiter|venus|atlantis|gotham|narnia|wakanda|hogwarts|mordor|middle\s+earth|neverland)\b"
_UNUSUAL_UNLESS: Final = r"\b(?:nuclear\s+(?:share|imaging|medicine|plant)|wind\s+(?:share|and\s+solar\s+share)|mix|grid|intensity|certificates?|recs?|ppa|purchas\w+|contract|scope\s+2|carbon|emissions?|invoice|bill|supplier|offer|price|peak|kill)\b"
_GUARANTEE: Final = (
    r"(?:^|[.;!?,]\s*|\b(?:and|then|to|you|please|must|can\s+you|could\s+you)\s+)(?:guarantee|promise|assure|warrant|swear|vow)\b(?!\s*(?:d|s)\b)(?=\s+(?:me|us|that|the|our|it|in|to|no|a|\d|on|them|he|she|my|zero|there|this)\b)(?!\s+(?:period|in\s+the\s+contract))(?![^?]*\?\s*if\s+not\b)|"
    r"\bguarantee\s+(?:me|us)\b|\b(?:(?<!any\s)risk-?free|no\s+risk\s+(?:whatsoever|at\s+all)|(?<!that it )(?<!says it )(?<!say it )(?:can'?t|cannot)\s+(?:lose|fail)|without\s+any\s+(?:risk|downside|error|uncertainty)|no\s+error\s+at\s+all|zero\s+(?:error|risk|uncertainty|variance)|never\s+wrong|100\s?%\s+(?:certain\w*|sure|accura\w+|safe|reliab\w+)|"
    r"100\s+percent\s+(?:certain\w*|sure|accura\w+)|absolute(?:ly)?\s+certain\w*|for\s+certain|with\s+(?:full|total|complete|absolute|100\s*(?:%|percent))\s+certainty|no\s+probabilit\w+)\b"
)
_EXACT: Final = r"\b(?:exact(?:ly)?|precise(?:ly)?|certain|definite|sure|final)\b|\bto\s+the\s+(?:cent|penny|minute|second|hour|kilowatt|kw|kwh|dollar|day)\b|\bwhich\s+day\b"
_UNKNOWABLE: Final = r"\b(?:will\s+(?:the|our|it|we|gas|power|pjm|a)?.{0,40}(?:fail|break|die|seize|cost|trip|be\s+in)|next\s+(?:blackout|outage|failure|summer|winter|year|decade|month|august|july)|20[3-9]\d|fails?|break(?:s|\s+down)?|seizes?|outages?|predict|years?\s+ahead|in\s+\d+\s+years|price)\b"
_FORTUNE: Final = r"\bwill\s+(?:the|our|my|this|that)\b.{0,40}\b(?:explode|fail|break(?:\s+down)?|die|burst|catch\s+fire)\b.{0,24}\b(?:on|at)\s+(?:\w+day|noon|midnight|\d)|\bwhat\s+the\s+\w+(?:\s\w+)?\s+will\s+(?:decide|say|do|announce)\b|\bconfirm\s+in\s+writing\b|\bwill\s+(?:it\s+(?:rain|snow)|the\s+(?:city\s+council|fed|president|election|regulator|court|government))|\bwho(?:\s+will|'ll|\s+is\s+going\s+to)\b|\bwhich\s+(?:bidder|tenant|party|vendor|stock)\b.{0,30}\b(?:will|win|doubles?|moves?)\b|\bweather\s+be\b.{0,60}\b20[3-9]\d\b|\bstock\b.{0,40}\b(?:double|rise|for\s+sure)\w*"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ORDERED: Final = tuple(
    (
        each,
        verb_near(each.verb, each.what, each.reach),
        _compile(each.unless) if each.unless else None,
    )
    for each in _INABILITIES
)
_ASKED: Final = tuple(
    (message, _compile(pattern))
    for message, pattern in (
        ("There is no such place in the portfolio or in any market.", _NOWHERE),
        (_UNSEEN, _UNSEEN_THINGS),
        (_UNSEEN, _OF_PEOPLE),
        (_UNREADABLE, _UNREADABLE_FILES),
        (_OWN_ACCOUNT, _OF_OTHERS),
        (_CERTAIN, _GUARANTEE),
        (_CERTAIN, _FORTUNE),
    )
)
_PLACE, _LOCAL, _LOCAL_BUT = map(_compile, (rf"(?:{_FOREIGN})(?!\w)", _LOCAL_WORDS, _LOCAL_UNLESS))
_FICTIVE, _ODD, _ODD_BUT = map(_compile, (_FICTIONS, _UNUSUAL, _UNUSUAL_UNLESS))
_EXACTLY, _UNKNOWN = _compile(_EXACT), _compile(_UNKNOWABLE)


def incapable(text: str) -> str | None:
    """Why nothing here can do what the text asks for, and what can be done instead; None when that is not certain.

    >>> incapable("buy 20 MW for July")
    'The platform measures, plans and advises; it does not buy, sell, sign or file. It can price the choices.'
    >>> incapable("should we buy power at the index?")
    """
    for order in orders(text):
        if order.wish:
            continue
        for each, head, unless in _ORDERED:
            if head.match(order.words) and not (unless and unless.search(text)):
                return each.message
    return _unknown(text)


def _unknown(text: str) -> str | None:
    for message, pattern in _ASKED:
        if pattern.search(text):
            return message
    if _PLACE.search(text) and _LOCAL.search(text) and not _LOCAL_BUT.search(text):
        return _ABROAD
    if _FICTIVE.search(text) or (_ODD.search(text) and not _ODD_BUT.search(text)):
        return _FICTION
    return _CERTAIN if _EXACTLY.search(text) and _UNKNOWN.search(text) else None
