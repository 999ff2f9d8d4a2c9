"""The tools of a policy's author: `gatehouse policy ...`."""
