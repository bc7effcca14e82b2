"""What the tools of the portfolio agent share: reading inputs, periods, profiles, results."""
