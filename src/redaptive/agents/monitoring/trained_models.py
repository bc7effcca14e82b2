"""The trained forecast model that a call may use: of the tenant, of the meter's commodity, older than the issue."""

from __future__ import annotations

from datetime import datetime, timedelta

from anyio import to_thread

from redaptive.agents.monitoring.forecasting import Trained
from redaptive.domain.forecast.model_bytes import StoredModel
from redaptive.domain.intervals import zone
from redaptive.errors import InvalidInput, NotFound, Unavailable
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.streams.forecasts.model_folder import ModelFolder, load_model
from redaptive.streams.forecasts.store_history import FORECAST_DAYS, can_be_forecast


async def trained_for(
    folder: ModelFolder, weather: WeatherStore, meter: MonitoredMeter, at: datetime
) -> tuple[Trained | None, str]:
    """The newest model whose data end before the local day of the issue, with the weather that forecasts need.

    Without one a note for the reader, which is empty where nobody has trained a model of the commodity. None for a
    meter that is not forecast by the hour.
    """
    if not can_be_forecast(meter):
        return None, ""
    model, why = await to_thread.run_sync(_model, folder, meter, at)
    station = meter.weather_station
    hour = at.replace(minute=0, second=0, microsecond=0)
    span = hour - timedelta(days=FORECAST_DAYS), hour
    return Trained(model, await weather.hourly(station, *span) if station else None), why


def _model(folder: ModelFolder, meter: MonitoredMeter, at: datetime) -> tuple[StoredModel | None, str]:
    commodity, issued = str(meter.meter.commodity), at.astimezone(zone(meter.timezone)).date()
    found = folder.newest(commodity, issued)
    if found is None:
        late = folder.later(commodity, issued)
        return None, f"models of {commodity} exist, but they have seen what came after the issue" if late else ""
    try:
        return load_model(found.path), ""
    except (InvalidInput, NotFound, Unavailable) as error:
        return None, f"the trained model cannot be used: {error.message}"
