"""What the outside talks to: OSC, its message table, paths, the command line. Knows nothing of tokens."""
