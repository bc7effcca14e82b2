"""States of the United States' larger cities, for filters of tools that know states and no cities."""
# ruff: noqa: E501 -- tables of words, an entry a line

from __future__ import annotations

from functools import cache
from typing import Final

_CITIES: Final = """
AL Birmingham, Huntsville, Mobile, Montgomery; AK Anchorage; AZ Chandler, Gilbert, Glendale, Mesa, Phoenix, Scottsdale,
Tempe, Tucson; AR Little Rock; CA Anaheim, Bakersfield, Fresno, Irvine, Long Beach, Los Angeles, Oakland, Riverside,
Sacramento, San Diego, San Francisco, San Jose, Stockton; CO Aurora, Boulder, Colorado Springs, Denver; CT Bridgeport,
Hartford, New Haven, Stamford; DE Wilmington; FL Fort Lauderdale, Hialeah, Jacksonville, Miami, Orlando, Tampa,
St Petersburg, Tallahassee; GA Atlanta, Augusta, Macon, Savannah; HI Honolulu; ID Boise; IL Chicago, Naperville, Peoria,
Rockford; IN Fort Wayne, Indianapolis; IA Cedar Rapids, Des Moines; KS Topeka, Wichita; KY Lexington, Louisville;
LA Baton Rouge, New Orleans, Shreveport; ME Portland Maine; MD Baltimore; MA Boston, Cambridge, Springfield, Worcester;
MI Ann Arbor, Detroit, Grand Rapids, Lansing; MN Duluth, Minneapolis, Rochester, St Paul; MS Jackson;
MO Kansas City, St Louis, Saint Louis; MT Billings; NE Lincoln, Omaha; NV Henderson, Las Vegas, Reno; NH Manchester;
NJ Jersey City, Newark; NM Albuquerque, Santa Fe; NY Albany, Brooklyn, Buffalo, Manhattan, New York, New York City, NYC,
Syracuse; NC Charlotte, Durham, Greensboro, Raleigh; ND Fargo; OH Akron, Cincinnati, Cleveland, Columbus, Dayton, Toledo;
OK Oklahoma City, Tulsa; OR Eugene, Portland, Salem; PA Allentown, Philadelphia, Pittsburgh; RI Providence;
SC Charleston, Columbia; SD Sioux Falls; TN Chattanooga, Knoxville, Memphis, Nashville; TX Arlington, Austin,
Corpus Christi, Dallas, El Paso, Fort Worth, Houston, Plano, San Antonio; UT Provo, Salt Lake City; VT Burlington;
VA Norfolk, Richmond, Virginia Beach; WA Seattle, Spokane, Tacoma; WV Huntington; WI Madison, Milwaukee; WY Cheyenne
"""  # US Census Bureau, places of 2020; Portland and Rochester stand for the larger of their name


@cache
def _states() -> dict[str, str]:
    groups = (group.strip().partition(" ") for group in _CITIES.replace("\n", " ").split(";"))
    return {city.strip().lower(): state for state, _, cities in groups for city in cities.split(",")}


def state_of(city: str) -> str | None:
    """The two letters of the state in which a city lies; None for one that is not known.

    >>> state_of("Chicago"), state_of("Springfield Gardens")
    ('IL', None)
    """
    return _states().get(city.strip().lower().replace("st.", "st"))
