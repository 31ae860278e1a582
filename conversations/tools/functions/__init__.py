"""One module for each tool; whatever lies here is registered."""
