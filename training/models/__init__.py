"""The models that can be trained, one file each: what they look at, and how they answer."""
