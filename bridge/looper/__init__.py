"""The looper: blocks of sound and commands in, blocks of sound and events out. No threads, no devices, no OSC here."""
