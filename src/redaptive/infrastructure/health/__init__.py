"""Health: live, ready and deep checks."""
