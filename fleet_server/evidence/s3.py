"""Whole pictures in a bucket of S3, or of a server that speaks as S3 does; each is read back before it counts."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from fleet_server.core.bucket_address import Bucket
from fleet_server.evidence.byte_range import Part

CONNECT_S, READ_S = 3.0, 10.0
BLOCK = 64 * 1024


class StoreTrouble(OSError):
    """The bucket takes or gives nothing now; the text says why."""


class S3Store:
    """A bucket that is there already. Every call raises StoreTrouble where it is out of reach."""

    def __init__(self, where: Bucket) -> None:
        self._bucket = where.name
        http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=[502, 503, 504]),
            maxsize=10,
        )
        self._client = Minio(
            where.host,
            access_key=where.key,
            secret_key=where.secret,
            secure=where.secure,
            region=where.region,
            http_client=http,
        )

    def put(self, evidence_id: str, file: Path, sha256: str) -> None:
        """Send the bytes of ``file``, read them back, and delete the file."""
        data = file.read_bytes()
        try:
            self._client.put_object(self._bucket, _name(evidence_id), io.BytesIO(data), len(data))
        except (MinioException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise StoreTrouble(f"the bucket {self._bucket} takes nothing: {error}") from error
        if self.digest(evidence_id) != sha256:
            raise StoreTrouble(f"the bucket {self._bucket} gives back other bytes than it was given")
        file.unlink()

    def content(self, evidence_id: str, part: Part | None = None) -> Iterator[bytes]:
        """The bytes, or ``part`` of them; raises FileNotFoundError at the call where there are none."""
        begin, end = part or (0, 0)  # a length of 0 asks for all
        try:
            answer = self._client.get_object(self._bucket, _name(evidence_id), offset=begin, length=end - begin)
        except S3Error as error:
            if error.code == "NoSuchKey":
                raise FileNotFoundError(evidence_id) from error
            raise StoreTrouble(f"the bucket {self._bucket} gives nothing: {error.code}") from error
        except (MinioException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise StoreTrouble(f"the bucket {self._bucket} gives nothing: {error}") from error
        return _blocks(answer)

    def digest(self, evidence_id: str) -> str | None:
        """The SHA-256 of what is there; None where there is nothing."""
        found = hashlib.sha256()
        try:
            for block in self.content(evidence_id):
                found.update(block)
        except FileNotFoundError:
            return None
        return found.hexdigest()

    def remove(self, evidence_id: str) -> None:
        """Delete it, if it is there."""
        try:
            self._client.remove_object(self._bucket, _name(evidence_id))
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StoreTrouble(f"the bucket {self._bucket} deletes nothing: {error}") from error

    def trouble(self) -> str:
        """Why it is no use now; empty where it is."""
        try:
            if self._client.bucket_exists(self._bucket):
                return ""
        except (MinioException, urllib3.exceptions.HTTPError, ValueError) as error:
            return f"the bucket {self._bucket} is out of reach: {error}"
        return f"there is no bucket {self._bucket}"


def _blocks(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from answer.stream(BLOCK)
    except urllib3.exceptions.HTTPError as error:
        raise StoreTrouble(f"the bucket broke off: {error}") from error
    finally:
        answer.close()
        answer.release_conn()


def _name(evidence_id: str) -> str:
    return f"{evidence_id[:2]}/{evidence_id}"
