"""Evaluation of forecasts on real meters."""
