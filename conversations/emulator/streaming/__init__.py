"""From an answer to bytes: frames spell events, a script orders them, a wire paces and breaks them."""
