-- Alerts: states, history, timers, teams, deliveries.
SELECT 1;
