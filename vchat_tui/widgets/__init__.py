"""The parts that screens are made of: they know models, not services."""
