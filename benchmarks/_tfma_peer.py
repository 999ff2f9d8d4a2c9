"""TFMA's way: `analyze_raw_data` over one model's given predictions, by slice. Prints seconds without import.

Run by a Python that has tensorflow-model-analysis, which is not among what Gatehouse needs.
"""

import os
import sys
import time
import warnings

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
warnings.filterwarnings("ignore")

import pandas as pd  # noqa: E402
import tensorflow_model_analysis as tfma  # noqa: E402
from google.protobuf import text_format  # noqa: E402
from tensorflow_model_analysis.proto import config_pb2  # noqa: E402

CONFIG = """
model_specs {{ label_key: "{target}" prediction_key: "prediction" }}
slicing_specs {{ }}
{slices}
metrics_specs {{
  metrics {{ class_name: "MeanSquaredError" }}
  metrics {{ class_name: "MeanAbsoluteError" }}
}}
"""


def main(rows: str, target: str, columns: list[str]) -> None:
    """One run over the rows of a Parquet file with a column `prediction`, sliced by each of the columns."""
    frame = pd.read_parquet(rows)
    slices = "".join(f'slicing_specs {{ feature_keys: "{column}" }}\n' for column in columns)
    config = text_format.Parse(CONFIG.format(target=target, slices=slices), config_pb2.EvalConfig())
    began = time.perf_counter()
    found = tfma.analyze_raw_data(frame, eval_config=config)
    print(len(found.slicing_metrics), time.perf_counter() - began)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
