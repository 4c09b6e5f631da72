"""The scripted drive: played, recorded, drawn and scored."""
