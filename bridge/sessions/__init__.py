"""Sessions: everything played in and every take, in a folder that survives a power cut. No OSC, no devices here.

SESSION/session.json    what it is, written once
SESSION/journal.jsonl   what happened, one line each, only ever added to
SESSION/audio/*.wav     every layer and take, 32-bit float, each with its own record inside
SESSION/lock            held while somebody adds to it
"""
