"""Who wrote it, and where? Authors, their labels in many languages, datelines."""
