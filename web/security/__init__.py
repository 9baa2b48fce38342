"""Who may ask, and how much? Logins, limits, headers, errors."""
