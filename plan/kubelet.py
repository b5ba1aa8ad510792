"""What kubelet does alike on both operating systems."""

from __future__ import annotations

from config.settings import Settings

from plan.documents import Document


def graceful_shutdown(settings: Settings) -> Document:
    """Return the fields by which pods get time to end when their node is shut down.

    On Linux kubelet holds the shutdown up through systemd-logind; on Windows as a service that is told before others
    (gate WindowsGracefulNodeShutdown, on since Kubernetes 1.34), which is why it runs with ``--windows-service``.
    """
    seconds = max(settings.shutdown_grace_period, 0)
    return {"shutdownGracePeriod": f"{seconds}s", "shutdownGracePeriodCriticalPods": f"{seconds // 3}s"}
