"""What is new? Reading in parallel, what was seen before, reports."""
