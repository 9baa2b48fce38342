"""What is like a pasted text, and where did its passages run before?"""
