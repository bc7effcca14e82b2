"""The steps of one reading: admitted, begun, judged, and what is told of the alarms that changed."""
