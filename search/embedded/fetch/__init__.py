"""How are hits shown? Stored fields, cursors."""
