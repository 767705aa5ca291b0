"""Where a document comes from: locators, fetching, caching, docs pages."""
