"""What several engine tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.kube_cluster import Cluster, cluster


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One control plane for all tests of a run; each test keeps to its own namespace or names."""
    with cluster(tmp_path_factory.mktemp("kube")) as running:
        yield running
