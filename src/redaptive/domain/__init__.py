"""Pure energy science: arrays and frozen records in, arrays and records out; no I/O, no clock."""
