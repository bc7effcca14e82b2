"""Forecasts of a fleet: histories of files and of the store, trained models on disk, forecasts by meter and site."""
