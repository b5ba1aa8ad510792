"""What to do: pure functions from settings to values and text. Nothing here knows Pulumi."""
