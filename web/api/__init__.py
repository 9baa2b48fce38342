"""What do programs get? The API, its description, operations."""
