"""Baselines: what a meter would have used; hourly, daily and monthly models, their fitness, savings against them."""
