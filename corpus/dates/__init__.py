"""When was it published? Dates and times in the words of many languages."""
