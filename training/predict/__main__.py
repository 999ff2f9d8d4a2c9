"""`python -m training.predict --data holdout.parquet`."""

from training.predict.asking import main

main()
