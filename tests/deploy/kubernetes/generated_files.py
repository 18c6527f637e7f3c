"""The files of deploy/kubernetes that `make manifests` writes from other sources."""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent

from tests.deploy.kubernetes.settings_file import settings_file

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "deploy" / "kubernetes"
RULES_HEAD = """\
# Written by `make manifests` from deploy/prometheus/rules.yml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: complaints
  labels:
    app.kubernetes.io/name: complaints
spec:
"""


def prometheus_rule() -> str:
    """Return the alerts as a PrometheusRule, with their comments."""
    rules = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8")
    return RULES_HEAD + indent(rules[rules.index("groups:") :], "  ")


GENERATED: dict[Path, Callable[[], str]] = {
    KUBERNETES / "base" / "settings.env": settings_file,
    KUBERNETES / "monitoring" / "rules.yaml": prometheus_rule,
}


def main() -> None:
    for path, text in GENERATED.items():
        path.write_text(text(), "utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
