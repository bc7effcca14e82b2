"""Words that name the columns of readings, in English and as German, French, Spanish and Italian exports write them.

They are compared without case, accents, punctuation and what stands in brackets (`columns.key_of`).
"""

from __future__ import annotations

METER = (
    "meter", "meter code", "meter id", "meter name", "meter number", "meter no", "meter serial", "meterid", "mpan",
    "device", "device id", "sensor", "sensor id", "point", "point id", "channel", "series", "id", "building id",
    "zahler", "zaehler", "zahlernummer", "zahlpunkt", "zaehlpunkt", "messstelle", "compteur", "contador", "contatore",
    "pdl", "prm", "cups", "pod",
)  # fmt: skip
TIME = (
    "timestamp", "ts", "time stamp", "datetime", "date time", "interval start", "interval start time", "start",
    "start date time", "start datetime", "start time", "reading time", "read time", "reading date", "read date",
    "usage start", "period start", "read at", "reading at", "measured at", "recorded at", "local time", "time local",
    "timestamp local", "datetime local", "interval start local", "timestamp utc", "ts utc", "datetime utc", "time utc",
    "utc time", "utc", "interval start utc", "zeitstempel", "zeitpunkt", "horodatage", "date et heure", "date heure",
    "fecha hora", "fecha y hora", "data ora", "time", "date", "day", "usage date", "start date", "datum", "fecha",
)  # fmt: skip
END = (
    "interval end", "interval end time", "end date time", "end datetime", "end time", "end", "usage end", "period end",
    "interval ending", "hour ending", "period ending", "zeit bis", "uhrzeit bis", "bis", "fin", "heure fin",
)  # fmt: skip
DATE = ("date", "day", "usage date", "reading date", "read date", "start date", "datum", "fecha")
CLOCK = (
    "start time", "time", "hour", "interval start", "interval start time", "start", "from", "time of day", "local time",
    "uhrzeit", "uhrzeit von", "zeit von", "zeit", "von", "heure", "heure debut", "hora", "ora",
)  # fmt: skip
CLOCK_END = ("hour ending", "end time", "he", "interval end", "interval ending", "end")
"""Times of day that end an interval, beside a date."""
LIKELY_METER = (
    "building",
    "building name",
    "site id",
    "site",
    "site name",
    "name",
    "asset",
    "asset id",
    "tag",
    "node",
    "premise",
    "premise id",
    "service point",
    "esiid",
    "nmi",
    "cid",
    "lclid",
    "household",
    "house",
    "house id",
    "dataid",
    "account number",
    "account",
    "customer id",
    "customer",
    "location",
    "unit id",
)
"""Columns that may stand for the meter where no better one is there."""
TIME_WORDS = frozenset({"time", "timestamp", "datetime", "date", "tstp", "stamp"})
END_WORDS = frozenset({"ending", "ends", "end"})
VALUE = (
    "value", "kwh", "usage kwh", "energy kwh", "usage", "consumption", "energy", "reading", "quantity", "register",
    "usage quantity", "meter reading", "wh", "kw", "demand kw", "demand", "therms", "amount",
    "wert", "messwert", "verbrauch", "zahlerstand", "energie", "valeur", "consommation", "consumo", "energia",
    "valor", "valore", "lectura",
)  # fmt: skip
UNIT = ("unit", "units", "uom", "unit of measure", "usage units", "einheit", "unite", "unidad", "unita")
QUALITY = ("quality", "quality flag", "flag", "status", "estimated", "read type", "reading type", "statut", "etat")
IGNORED = {
    "notes", "note", "comment", "comments", "cost", "type", "weekday", "temperature", "duration", "duration s",
    "name", "address", "account", "account number", "service", "building", "site", "register", "row", "index",
    "label", "labels", "anomaly", "anomalies", "is anomaly", "outlier", "is outlier", "ground truth", "column 1",
    "unnamed 0", "air temperature", "humidity",
    *END, *TIME, *UNIT, *QUALITY, *CLOCK,
}  # fmt: skip
