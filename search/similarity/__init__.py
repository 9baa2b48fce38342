"""What is like this? Similar articles, and feedback."""
