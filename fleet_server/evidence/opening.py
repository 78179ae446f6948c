"""The evidence of a station, wherever its settings have it."""

from fleet_server.core.bucket_address import bucket
from fleet_server.core.settings import Settings
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.s3 import S3Store


def evidence_of(settings: Settings) -> EvidenceFiles:
    """Its files; nothing is opened yet."""
    said = settings.evidence
    store = S3Store(bucket(said.get_secret_value())) if said is not None else None
    return EvidenceFiles(settings.data_dir / "evidence", store)
