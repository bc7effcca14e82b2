"""Building types of Portfolio Manager and everyday words as keys of the benchmark table."""

from __future__ import annotations

import re

KEYS = (
    "office", "bank_branch", "financial_office", "k12", "college_university", "pre_school", "retail", "supermarket",
    "hospital", "outpatient", "medical_office", "hotel", "distribution_warehouse", "refrigerated_warehouse",
    "restaurant", "fast_food", "multifamily", "strip_mall", "laboratory", "senior_care", "self_storage", "courthouse",
    "library", "worship", "convention", "recreation", "entertainment", "vocational", "convenience_store",
    "enclosed_mall", "wholesale_club", "auto_dealer", "other",
)  # fmt: skip
_NAMES = {
    "office": "office; offices; office building; veterinary office; mixed use property",
    "bank_branch": "bank branch; bank",
    "financial_office": "financial office",
    "k12": "k 12 school; school; primary school; elementary school; secondary school; high school; middle school",
    "college_university": "college university; college; university; campus",
    "pre_school": "pre school daycare; preschool; pre school; daycare; adult education",
    "retail": "retail store; retail; store; shop; department store",
    "supermarket": "supermarket grocery store; supermarket; grocery; grocery store",
    "hospital": "hospital general medical surgical; hospital; other specialty hospital",
    "outpatient": "ambulatory surgical center; urgent care clinic other outpatient; outpatient; clinic; "
    "outpatient rehabilitation physical therapy; urgent care",
    "medical_office": "medical office; doctor s office",
    "hotel": "hotel; motel; lodging; hotel motel; resort",
    "distribution_warehouse": "distribution center; non refrigerated warehouse; warehouse; logistics; "
    "distribution warehouse; unrefrigerated warehouse",
    "refrigerated_warehouse": "refrigerated warehouse; cold storage",
    "restaurant": "restaurant; bar nightclub; food service; other restaurant bar",
    "fast_food": "fast food restaurant; fast food; quick service restaurant",
    "multifamily": "multifamily housing; multifamily; apartments; residence hall dormitory; apartment building",
    "strip_mall": "strip mall; other mall",
    "laboratory": "laboratory; lab",
    "senior_care": "senior living community; senior care community; residential care facility; nursing home; "
    "senior care",
    "self_storage": "self storage facility; self storage",
    "courthouse": "courthouse",
    "library": "library",
    "worship": "worship facility; church; worship; place of worship",
    "convention": "convention center; social meeting hall; convention",
    "recreation": "fitness center health club gym; other recreation; recreation; gym; bowling alley; ice curling rink; "
    "roller rink; swimming pool",
    "entertainment": "movie theater; museum; performing arts; stadium open; stadium closed; indoor arena; aquarium; "
    "casino; zoo; race track; other entertainment public assembly; entertainment; theater",
    "vocational": "vocational school",
    "convenience_store": "convenience store without gas station; convenience store with gas station; convenience store",
    "enclosed_mall": "enclosed mall; mall; shopping mall",
    "wholesale_club": "wholesale club supercenter; wholesale club; supercenter",
    "auto_dealer": "automobile dealership; auto dealer; car dealership",
    "other": "other; data center; manufacturing industrial plant; manufacturing; industrial; parking; police station; "
    "fire station; mailing center post office; transportation terminal station; prison incarceration; other services; "
    "other utility; other public services; other lodging residential; other technology science; other education",
}
_BY_NAME = {name.strip(): key for key, names in _NAMES.items() for name in names.split(";")}
_BY_NAME |= {key.replace("_", " "): key for key in KEYS}


def building_type(text: str) -> str | None:
    """The benchmark key of a property type ("K-12 School" -> "k12"); None for a type we do not know.

    Names are those of the ENERGY STAR Portfolio Manager property type list.
    """
    return _BY_NAME.get(" ".join(re.sub(r"[^a-z0-9]+", " ", text.lower()).split()))


def known_names() -> tuple[str, ...]:
    """Every name that `building_type` understands."""
    return tuple(_BY_NAME)
