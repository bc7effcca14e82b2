"""Load forecasts with quantiles: point methods, calibrated by their own past errors."""
