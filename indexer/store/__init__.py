"""What does a folder hold, and when does a change count? Generations, locks, durability."""
