"""The network edge: sockets, framing, and what keeps them from being misused. Knows no messages of ours."""
