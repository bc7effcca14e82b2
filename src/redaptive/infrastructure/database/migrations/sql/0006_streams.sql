-- Partitions, kernel state, gateways, rejected readings.
SELECT 1;
