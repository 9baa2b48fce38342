"""What are the terms of a text? Characters, words, stems, languages."""
