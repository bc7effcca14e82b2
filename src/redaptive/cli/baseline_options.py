"""Options of `redaptive baseline fit`: what a person can say of files of strangers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from redaptive.domain.baseline.fitness import Interval


class Grain(StrEnum):
    """Interval of the models: chosen by what predicts best, or the one that is named."""

    AUTO = "auto"
    HOURLY = "hourly"
    DAILY = "daily"
    MONTHLY = "monthly"


class Form(StrEnum):
    """Format of the predictions."""

    PARQUET = "parquet"
    CSV = "csv"


INTERVALS: Mapping[Grain, Interval] = {Grain.HOURLY: "hourly", Grain.DAILY: "daily", Grain.MONTHLY: "monthly"}

Weather = Annotated[Path, typer.Option(help="Hourly weather with an air temperature; CSV, Parquet or EPW.")]
Train = Annotated[str, typer.Option(help="Fit period: 2018, 2018-03 or 2018-01-01..2018-12-31, both days counted.")]
Predict = Annotated[str | None, typer.Option(help="Period to predict and compare, written the same way.")]
Out = Annotated[Path, typer.Option(help="Folder for models, predictions, summary.json and report.html.")]
Timezone = Annotated[str, typer.Option(help="Zone of the meters and of times without offset.")]
WeatherTimezone = Annotated[
    str | None, typer.Option(help="Zone of the weather's times without offset; default that of the meters.")
]
Measures = Annotated[
    str | None, typer.Option(help="What the meters measure: electricity, gas, steam, chilled_water, hot_water, ...")
]
Meters = Annotated[
    list[str] | None, typer.Option(help="Only these meters: code or pattern such as 'Eagle_*'; may be given again.")
]
ReadingsTimezone = Annotated[
    str | None, typer.Option(help="Zone of the readings' times without offset, where it is not that of the meters.")
]
Cumulative = Annotated[
    bool, typer.Option("--cumulative", help="Values are states of registers; default where they never fall.")
]
Site = Annotated[
    str | None, typer.Option(help="Site in a weather file of several; of the meters, those that begin with it.")
]
Exports = Annotated[list[str] | None, typer.Option(help="Meters that may be negative: code or pattern.")]
Heating = Annotated[list[str] | None, typer.Option(help="Meters of gas or heat: code or pattern such as '*_g'.")]
ModelInterval = Annotated[
    Grain, typer.Option(help="Model: auto takes the one that predicts best; hourly keeps the hours of every meter.")
]
Format = Annotated[Form, typer.Option("--format", help="Format of the predictions.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
