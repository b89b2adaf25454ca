"""Where patches for Max and Max for Live go; there are none yet. Knows nothing of the engine's inside."""
