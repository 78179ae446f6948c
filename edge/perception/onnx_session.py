"""onnxruntime as this house uses it: one thread, on the CPU."""

import hashlib
from pathlib import Path

import onnxruntime as ort

from edge.perception.detector import DetectorUnavailable


def sha256_of(path: Path) -> str:
    """The hash of a file of weights, in hexadecimal; raises DetectorUnavailable where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DetectorUnavailable(f"{path}: {error.strerror}") from error


def open_session(path: Path) -> ort.InferenceSession:
    """The network in ``path``; raises DetectorUnavailable where it cannot be read.

    One intra-op thread: two are 2 to 20 times slower as soon as the other core is busy, and a dog's are.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise DetectorUnavailable(f"{path}: not a network that onnxruntime can run ({error})") from error
