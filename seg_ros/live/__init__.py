"""Looking at a running node from outside, as any other node would."""
