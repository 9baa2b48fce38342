"""How is an archive a Whoosh index? Schema, index, readers, codec."""
