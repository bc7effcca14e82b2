"""What the words of a clause say as values: codes, places, periods, amounts, figures, records."""
