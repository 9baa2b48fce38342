"""How does an article become postings? Inversion, merging, versions, and the writer."""
