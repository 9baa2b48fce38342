"""Is an archive whole, and what if not? Check, repair, quarantine, backup."""
