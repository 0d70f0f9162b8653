"""The gate: may these candidates become the next versions, wherever they are read?"""
