"""Equipment: point trends, fault rules, chiller figures, degradation, remaining life, cost of faults, work orders."""
