"""What else may have been meant? Completion, spelling, suggestions."""
