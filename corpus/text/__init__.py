"""What is plain text? Encodings, markup, languages."""
