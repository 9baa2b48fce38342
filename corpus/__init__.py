"""Reading news: from the files that publishers and crawlers leave behind to `Article` values."""
