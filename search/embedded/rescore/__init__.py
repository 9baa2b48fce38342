"""What changes the order of the best? Proximity, and explanations."""
