"""Files to checked facts: readers of readings, buildings, bills and weather, free of any database."""
