"""What the energy monitoring agent does behind its tools: reading, judging, forecasting, correcting, alerting."""
