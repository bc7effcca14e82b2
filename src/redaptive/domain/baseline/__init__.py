"""Baselines: what a meter would have used. Hourly, daily and monthly models, their fitness, and savings against them."""
