"""The values of Temporal's Helm chart fit docker-compose.yml, the overlay and its Secrets."""

from typing import Any

import yaml

from tests.deploy.kubernetes.generated_files import KUBERNETES
from tests.deploy.kubernetes.manifests import of_kind
from tests.deploy.kubernetes.rendering import read_env_file
from tests.deploy.kubernetes.test_document import PAGE, SELF_HOSTED, names_in, rows
from tests.deploy.test_compose import PARSED

VALUES: dict[str, Any] = yaml.safe_load((KUBERNETES / "temporal" / "values.yaml").read_text("utf-8"))
WEB: dict[str, Any] = VALUES["web"]
BY_THE_CHART = {"TEMPORAL_ADDRESS"}
"""Variables of the page that the chart sets in any case: Helm 4 refuses a name that is there twice."""


def test_temporal_its_tools_and_its_page_have_the_versions_of_compose() -> None:
    versions = {service["image"].partition("@")[0] for service in PARSED.values()}
    assert {
        f"temporalio/server:{VALUES['server']['image']['tag']}",
        f"temporalio/admin-tools:{VALUES['admintools']['image']['tag']}",
        f"temporalio/ui:{WEB['image']['tag']}",
    } <= versions
    assert f"--image=temporalio/admin-tools:{VALUES['admintools']['image']['tag']} " in PAGE


def test_no_variable_of_the_page_is_given_twice() -> None:
    names = [each["name"] for each in WEB["additionalEnv"]]
    assert len(set(names)) == len(names)
    assert BY_THE_CHART.isdisjoint(names)


def test_the_page_comes_by_the_gateway_and_clients_never_past_it() -> None:
    (gateway,) = (each for each in of_kind(SELF_HOSTED, "Service") if each["metadata"]["name"] == "temporal-gateway")
    namespace = gateway["metadata"]["namespace"]
    assert WEB["temporalAddress"] == f"temporal-gateway.{namespace}.svc:{gateway['spec']['ports'][0]['port']}"
    assert all(part["requireClientAuth"] for part in VALUES["server"]["tls"].values())


def test_the_connection_to_each_datastore_is_checked_by_postgresqls_authority() -> None:
    (volume,) = VALUES["server"]["additionalVolumes"]
    (mount,) = VALUES["server"]["additionalVolumeMounts"]
    assert mount["name"] == volume["name"]
    file = f"{mount['mountPath']}/{volume['secret']['items'][0]['path']}"
    for store in VALUES["server"]["config"]["persistence"]["datastores"].values():
        tls = store["sql"]["tls"]
        assert (tls["enabled"], tls["enableHostVerification"], tls["caFile"]) == (True, True, file)
        assert store["sql"]["connectAddr"] == f"{tls['serverName']}:5432"


def test_its_secrets_are_in_the_table_with_their_keys() -> None:
    keys = {name: set(names_in(row[1])) for row in rows("Secrets")[1:] for name in names_in(row[0])}
    (volume,) = VALUES["server"]["additionalVolumes"]
    assert {item["key"] for item in volume["secret"]["items"]} <= keys[volume["secret"]["secretName"]]
    for store in VALUES["server"]["config"]["persistence"]["datastores"].values():
        assert store["sql"]["secretKey"] in keys[store["sql"]["existingSecret"]]
    for variable in WEB["additionalEnv"]:
        if "valueFrom" in variable:
            reference = variable["valueFrom"]["secretKeyRef"]
            assert reference["key"] in keys[reference["name"]]
    for tls in [WEB["tls"], *WEB["ingress"]["tls"], *VALUES["server"]["tls"].values()]:
        assert {"tls.crt", "tls.key"} <= keys[tls["secretName"]]


def test_the_page_signs_in_at_the_provider_of_the_codec_server_and_is_its_origin() -> None:
    site = read_env_file((SELF_HOSTED / "site.env").read_text("utf-8"))
    variables = {each["name"]: each.get("value") for each in WEB["additionalEnv"]}
    (host,) = WEB["ingress"]["hosts"]
    assert variables["TEMPORAL_AUTH_PROVIDER_URL"] == site["COMPLAINTS_OIDC_ISSUER"]
    assert site["COMPLAINTS_CODEC_ORIGINS"] == f"https://{host}"
    assert str(variables["TEMPORAL_AUTH_CALLBACK_URL"]).startswith(f"https://{host}/")
    assert str(variables["TEMPORAL_CODEC_ENDPOINT"]).removeprefix("https://") in site["COMPLAINTS_HOSTS"].split(",")
