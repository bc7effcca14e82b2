"""What a sentence names: periods, money, quantities, counts, measures, places, and the tenant's own names."""
