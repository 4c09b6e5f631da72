"""How each camera fares, and what is wrong with it: numbers, the causes found in them, what is said of these."""
