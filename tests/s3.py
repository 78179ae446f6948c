"""A server that speaks as S3 does, for tests: moto's, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from minio import Minio

from xiaotian.local_stack import free_port

KEY, SECRET, BUCKET = "a-key", "a/secret+of=tests", "evidence"
READY_S = 60.0


class LocalS3:
    """``url`` is the setting that leads to it; ``stop`` and ``start`` are a bad night of its."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"s3://{KEY}:{SECRET.replace('/', '%2F')}@127.0.0.1:{self.port}/{BUCKET}?secure=false"
        self.start()

    def start(self) -> None:
        """Start it with an empty bucket: it keeps nothing when it ends."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
        self.client = Minio(f"127.0.0.1:{self.port}", KEY, SECRET, secure=False, region="us-east-1")
        self.client.make_bucket(BUCKET)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def names(self) -> list[str]:
        """What lies in the bucket."""
        return [str(found.object_name) for found in self.client.list_objects(BUCKET, recursive=True)]


@contextmanager
def local_s3() -> Iterator[LocalS3]:
    """A server as long as the block runs."""
    made = LocalS3()
    try:
        yield made
    finally:
        made.stop()
