"""Reports for people: from what was scored to a sketch that is kept, and from that to a page and plots."""
