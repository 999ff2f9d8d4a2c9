"""The one array type that crosses this room: a row of float64."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Shape (rows,)."""
