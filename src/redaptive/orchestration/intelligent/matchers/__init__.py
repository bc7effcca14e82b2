"""From a sentence to an intent with calibrated confidence, and to the entities that it names."""
