"""Readings store: integer meter readings in Delta tables, read through DuckDB.

`store.ReadingsStore` is the public class; `batches.BATCH_COLUMNS` is what it takes.
"""
