"""Where do the bytes come from? Files, folders, archives, compression, crawls, pickles."""
