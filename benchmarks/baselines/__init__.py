"""Accuracy, speed and coverage of baselines and savings: ours and opendsm on the same meters."""
