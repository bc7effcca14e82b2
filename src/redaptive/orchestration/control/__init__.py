"""What people do to runs: start, hold, change, approve, undo, repeat; each deed with a scope and an audit line."""
