"""What is wanted: settings, their rules, and the table of versions. Nothing here touches a host."""
