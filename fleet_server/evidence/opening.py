"""The evidence of a station, wherever its settings have it."""

from fleet_server.core.bucket_address import bucket
from fleet_server.core.settings import Settings
from fleet_server.evidence.files import EvidenceFiles


def evidence_of(settings: Settings) -> EvidenceFiles:
    """Its files; nothing is opened yet."""
    folder = settings.data_dir / "evidence"
    if settings.evidence is None:
        return EvidenceFiles(folder, None)
    # Here, for its library takes as long to load as all of FastAPI's routes, and few stations have a bucket.
    from fleet_server.evidence.s3 import S3Store

    return EvidenceFiles(folder, S3Store(bucket(settings.evidence.get_secret_value())))
