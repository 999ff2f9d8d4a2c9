"""`python -m training.sweep --data FOLDER --owner TEAM`."""

from training.sweep.command import main

main()
