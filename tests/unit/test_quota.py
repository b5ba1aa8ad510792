"""What is told of quotas and costs before machines are made in a cloud."""

from __future__ import annotations

from plan.quota import costs
from tests.unit.cloud_site import AZURE, GCE, NODES, azure_values, gce_values
from tests.unit.example_site import Site


def test_quota_and_costs_of_machines_on_azure(site: Site) -> None:
    quota, price = costs(site.parse(**azure_values()).settings)
    # Two Linux machines of two vCPUs, two Windows machines of four; the control plane's and the gateway's address.
    assert quota == (
        "azure westeurope: 4 machines take 12 vCPUs of Standard DSv5 Family, and 2 public addresses of its quota"
    )
    # (12 x 0.048 + 8 x 0.046 + 2 x 0.005 + 0.045) x 730
    assert price.startswith("azure westeurope: about 729 USD a month")
    assert "mid 2025" in price


def test_quota_and_costs_of_machines_on_google(site: Site) -> None:
    quota, price = costs(site.parse(**gce_values()).settings)
    assert quota == "gce europe-west4: 4 machines take 12 vCPUs of CPUS, and 1 public addresses of its quota"
    # (12 x 0.0335 + 8 x 0.046 + 0.005 + 4 x 0.0014) x 730
    assert price.startswith("gce europe-west4: about 570 USD a month")


def test_a_price_that_is_not_known_is_said_to_be_missing(site: Site) -> None:
    pool = {**GCE["pools"][0], "size": "c3-standard-4"}
    quota, price = costs(site.parse(**gce_values(pools=[pool])).settings)
    assert "4 vCPUs of C3_CPUS, 8 vCPUs of CPUS" in quota
    assert price.endswith("without C3_CPUS, whose prices are not known here")


def test_spot_machines_are_counted_for_themselves(site: Site) -> None:
    quota, price = costs(site.parse(**azure_values(pools=[{**AZURE["pools"][0], "spot": True}])).settings)
    assert "8 vCPUs of Standard DSv5 Family, 4 vCPUs of Standard DSv5 Family (spot)" in quota
    assert "without spot machines" in price


def test_own_licences_cost_nothing_more(site: Site) -> None:
    _, price = costs(site.parse(**azure_values(hybridBenefit=True)).settings)
    # (12 x 0.048 + 2 x 0.005 + 0.045) x 730
    assert "about 461 USD" in price


def test_a_machine_that_is_gone_and_one_that_exists_take_nothing(site: Site) -> None:
    assert costs(site.parse().settings) == ()
    first, second = NODES["windowsNodes"]
    quota, _ = costs(site.parse(**azure_values() | {"windowsNodes": [{**first, "gone": True}, second]}).settings)
    assert "3 machines take 8 vCPUs" in quota
