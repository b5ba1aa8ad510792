"""All rules between values, in the order that their problems are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config import rules_documents, rules_network, rules_nodes, rules_sources, rules_versions
from config.problems import Problem
from config.rules_nodes import each_node
from config.settings import Settings

Rule = Callable[[Settings], Iterator[Problem]]
"""Given settings, yields what is wrong. Settings that were read in part lack some values: a rule that asks for one
of them gets AttributeError, and what it has yielded until then counts."""

RULES: tuple[Rule, ...] = (
    rules_network.ranges_do_not_overlap,
    rules_network.node_ranges_are_given,
    rules_network.the_pod_range_is_large_enough,
    rules_network.there_is_a_subnet_for_each_node,
    rules_network.the_pods_of_a_node_fit_into_its_subnet,
    rules_network.the_service_range_is_usable,
    rules_network.the_dns_address_is_a_free_service_address,
    rules_network.windows_accepts_the_vxlan,
    rules_network.windows_accepts_the_port,
    rules_network.the_network_name_is_usable,
    rules_network.the_mtu_is_sane,
    rules_network.nodes_are_in_their_ranges,
    each_node(rules_nodes.names_are_usable),
    rules_nodes.nothing_is_given_twice,
    each_node(rules_nodes.windows_nodes_are_on_the_overlay),
    each_node(rules_nodes.interface_names_are_adapters),
    each_node(rules_nodes.log_folders_are_windows_paths),
    each_node(rules_nodes.cri_endpoints_are_usable),
    rules_nodes.the_api_endpoint_is_an_address,
    rules_nodes.foreign_flannel_is_in_an_existing_cluster,
    rules_versions.versions_are_numbers,
    rules_versions.kubernetes_is_supported,
    rules_versions.containerd_fits_kubernetes,
    rules_versions.flannel_is_new_enough,
    rules_versions.pause_runs_on_every_windows,
    rules_documents.nothing_that_was_removed,
    rules_documents.nothing_is_decided_twice,
    rules_documents.containerd_will_read_it,
    rules_sources.the_cluster_domain_is_a_domain,
    rules_sources.the_cluster_name_is_a_name,
    rules_sources.the_mirror_is_a_url,
    rules_sources.proxies_are_urls,
    rules_sources.image_archives_are_urls,
    rules_sources.image_names_have_tags_where_they_should,
    rules_sources.one_private_key_is_given,
)
