"""The set on stage: looper, engine, clock and session brought together. No OSC, no devices, no tokens here."""
