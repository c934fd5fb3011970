"""What Meta checks in the body of a send before it accepts it."""
