"""In which words? Messages and their translations."""
