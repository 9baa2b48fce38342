"""What is an article? Its values, fields, dates as stated, stored form, bounds, and errors."""
