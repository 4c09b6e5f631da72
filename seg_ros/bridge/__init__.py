"""Messages to records and back: message classes only, no node, no graph."""
