"""What does a segment file hold? Its arrays, their packing and their validation."""
