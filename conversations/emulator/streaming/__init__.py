"""From an answer to bytes on the wire: frames spell events, a script orders them, a wire paces and breaks them."""
