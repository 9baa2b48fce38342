"""What is subscribed to or crawled? Feeds and the sitemap."""
