"""How many articles does each of many queries find?"""
