"""What is remembered: one pair of .sql and .py per concept, and the only voice to PostgreSQL."""
