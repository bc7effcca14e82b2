"""Rounds of one reading per meter through the steps, by the engine that is there; closed days; silent meters."""
