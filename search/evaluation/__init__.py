"""How good is the order? Measures over judged collections."""
