"""Portfolio figures: use intensity, peers, weather, load shape, opportunities."""
