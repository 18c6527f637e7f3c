"""The file of settings for Kubernetes, made from the settings' classes.

`make manifests` writes it. Each setting is in the file, or in one of the tables below with a reason.
"""

import ast
import inspect
from itertools import pairwise

from pydantic import BaseModel

import complaints.settings
from complaints.settings import PREFIX, CodecSettings, IntakeSettings, MigrationSettings, WorkerSettings

READERS: dict[str, type[BaseModel]] = {
    "worker": WorkerSettings,
    "intake": IntakeSettings,
    "codec": CodecSettings,
    "migration": MigrationSettings,
}
CLASSES = tuple(READERS.values())
VALUES = {
    "DATABASE_URL": "postgresql+asyncpg://complaints@postgresql:5432/complaints",
    "DATABASE_PASSWORD_FILE": "/run/secrets/database/password",
    "KEYS_URL": "postgresql+asyncpg://complaints_keys@postgresql:5432/complaints_keys",
    "KEYS_PASSWORD_FILE": "/run/secrets/keys/password",
    "KEY_ENCRYPTION_KEYS": "file:/run/secrets/key-encryption-key/key",
    "LETTERS": "/letters",
    "HTTP": "0.0.0.0:8081",
    "METRICS": "0.0.0.0:9464",
    "INTAKE": "0.0.0.0:8080",
    "INTAKE_METRICS": "0.0.0.0:9464",
    "CODEC": "0.0.0.0:8083",
}
"""What differs from the settings' own defaults."""
IN_SECRETS = {
    "SMTP": "the address holds the password of the mail server",
    "MAIL_FROM": "it goes with COMPLAINTS_SMTP, so one Secret has both",
    "WEBHOOK": "everybody who has the address can post to it",
    "WEBHOOK_SECRET": "the key of the signature",
}
"""Settings that are variables from a Secret."""
OF_ONE_WORKLOAD = {
    "SERVES": "each Deployment of workers has its own",
    "SERVICE_ROLE": "the migrations alone know it, and each has its own",
    "POST_ROOM": "only the deliveries mount the folder",
    "REPORTS": "only the reports mount the folder",
    "AUDIT_KEY": "only one worker signs the record",
    "AUDIT_ROOTS": "it needs a volume, which workers and the intake service mount differently",
    "AUDIT_PUBLIC_KEY": "only the intake service checks signatures",
    "DEPLOYMENT": "the Worker Controller gives TEMPORAL_DEPLOYMENT_NAME in its place",
    "BUILD_ID": "the Worker Controller gives TEMPORAL_WORKER_BUILD_ID in its place",
}
"""Settings that a Deployment or a Job gives, where they are given."""
NOT_APPLICABLE = {
    "READY_FILE": "the readiness probe asks /readyz",
    "LOCAL": "of the local stack",
    "LOCAL_MAIL": "of the local stack",
}
PASSWORD_FILES = {
    "DATABASE_PASSWORD_FILE": "File with the password of the role in the address.",
    "KEYS_PASSWORD_FILE": "File with the password of the role in the address of the key store.",
}
"""Settings that no class has, because the addresses take them over."""
OTHERS = {"OTEL_EXPORTER_OTLP_ENDPOINT": "all: The collector for traces, by OTLP over HTTP; empty: none are sent."}
"""Variables of OpenTelemetry."""
HEAD = """\
# Written by `make manifests` from complaints/settings.py. Give your own values in an overlay (docs/kubernetes.md).
# An empty value counts as absent. Secrets, and what one Deployment alone needs, are in the manifests.
"""


def settings_of(classes: tuple[type[BaseModel], ...] = CLASSES) -> dict[str, object]:
    """Return the settings with their defaults, without the prefix and without Temporal's own."""
    return {
        name.upper(): field.default
        for each in classes
        for name, field in each.model_fields.items()
        if not name.startswith("temporal_")
    }


def settings_file() -> str:
    """Return the text of the file. Each comment begins with the processes that read the setting."""
    elsewhere = IN_SECRETS.keys() | OF_ONE_WORKLOAD.keys() | NOT_APPLICABLE.keys()
    descriptions = {**_descriptions(), **PASSWORD_FILES}
    names = [name for name in (*settings_of(), *PASSWORD_FILES) if name not in elsewhere]
    defaults = settings_of()
    entries = [
        (
            PREFIX + name,
            VALUES.get(name, _written(defaults.get(name))),
            f"{_readers(name)}: {descriptions.get(name, '')}",
        )
        for name in sorted(names)
    ]
    entries += [(name, "", description) for name, description in OTHERS.items()]
    return HEAD + "".join(f"\n# {description.rstrip(': ')}\n{name}={value}\n" for name, value, description in entries)


def _readers(name: str) -> str:
    """Return the processes that read the setting, such as `worker, intake`."""
    setting = name.replace("PASSWORD_FILE", "URL")
    return ", ".join(reader for reader, each in READERS.items() if setting in settings_of((each,)))


def _written(default: object) -> str:
    """Return the default as a variable's value."""
    if default is None or default == ():
        return ""
    return str(int(default)) if isinstance(default, bool) else str(default)


def _descriptions() -> dict[str, str]:
    """Return the line of documentation below each field."""
    found: dict[str, str] = {}
    for each in ast.walk(ast.parse(inspect.getsource(complaints.settings))):
        if isinstance(each, ast.ClassDef):
            for field, line in pairwise(each.body):
                if (
                    isinstance(field, ast.AnnAssign)
                    and isinstance(field.target, ast.Name)
                    and isinstance(line, ast.Expr)
                    and isinstance(line.value, ast.Constant)
                ):
                    described = str(line.value.value).replace("None:", "empty:")
                    found.setdefault(field.target.id.upper(), described)
    return found
