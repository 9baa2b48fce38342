"""What must be looked up? From a tree to a plan."""
