"""How do searches differ? Over time, between periods, side by side."""
