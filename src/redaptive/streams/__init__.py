"""Live metering: from the wire through the log to store, kernel state and alerts."""
