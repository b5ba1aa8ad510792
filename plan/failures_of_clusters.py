"""Failures of Kubernetes: joining, kubelet, kube-proxy, the API server, flannel, drains."""

from __future__ import annotations

from plan.failure import Failure, known

CLUSTER: tuple[Failure, ...] = (
    known(
        "unknown-flag",
        r"unknown flag: --[\w-]+|flag provided but not defined: -[\w-]+",
        "the program of this version no longer has the flag named there, which a setting of the stack file gives it",
        "take the flag out of the stack file; config files and kubeletConfiguration take its place",
    ),
    known(
        "feature-gate",
        r"cannot set feature gate \w+ to \w+, feature is locked|unrecognized feature gate: \w+",
        "the feature gate named there has become part of Kubernetes or has been removed",
        "take featureGates with that name out of the stack file",
    ),
    known(
        "node-name-taken",
        r'a Node with name "[^"]+" and status "Ready" already exists',
        "another machine is a node of that name, or the node's machine was rebuilt and its old Node was left",
        "name the node otherwise, or, if the old machine is gone: kubectl delete node NAME; then run again",
    ),
    known(
        "node-name-differs",
        r'node "[^"]+" is not allowed to modify node|nodes "[^"]+" is forbidden: User "system:node:',
        "a program on the node uses another name than the one it has joined by",
        "restart its service; if it stays, take the node out of the stack file, run, and add it again in lower case",
    ),
    known(
        "cgroup-v1",
        r"not run on a host using cgroup v1|cgroup v1 support is in maintenance",
        "the machine runs with cgroup v1, which this kubelet refuses",
        "boot it with systemd.unified_cgroup_hierarchy=1, or set kubeletConfiguration.failCgroupV1: false",
    ),
    known(
        "swap-on",
        r"running with swap on is not supported|\[ERROR Swap\]",
        "swap is on, which kubelet refuses",
        "turn it off for good (swapoff -a, /etc/fstab, systemd swap units), or set "
        "kubeletConfiguration.failSwapOn: false",
    ),
    known(
        "runtime-not-running",
        r"\[ERROR CRI\]|container runtime is not running|containerd\.sock: connect:|"
        r"open //\./pipe/[\w-]+: The system cannot find the file specified",
        "the container runtime does not run, or listens somewhere else",
        "Linux: journalctl -u containerd; Windows: containerd.log in the log folder; compare criEndpoint; then "
        "run again",
    ),
    known(
        "cri-disabled",
        r"unknown service runtime\.v1\.RuntimeService",
        "containerd runs without its CRI plug-in: an old configuration file has disabled it",
        "take 'cri' out of disabled_plugins in containerdConfiguration, then run again",
    ),
    known(
        "cni-not-ready",
        r"cni plugin not initialized|no network config found in|failed to load cni during init",
        "the container runtime finds no CNI configuration, because flannel has not come to write it or it looks "
        "elsewhere",
        "kubectl -n kube-flannel get pods -o wide; on Windows compare bin_dirs and conf_dir with: crictl info",
    ),
    known(
        "subnet-file-missing",
        r"subnet\.env: (no such file|The system cannot find)",
        "flannel has not given this node its part of the pod network yet",
        "kubectl -n kube-flannel logs of its pod on that node, or flanneld.log in the log folder on Windows; "
        "then run again",
    ),
    known(
        "pod-range-missing",
        r"pod cidr not assigned|no pod range|CIDRNotAvailable",
        "the controller manager has no pod range left for this node, or was told to give none",
        "compare podCidr and nodePrefixLength with the number of nodes; an existing cluster needs "
        "--allocate-node-cidrs=true",
    ),
    known(
        "port-in-use",
        r"\[ERROR Port-\d+\]|bind: address already in use",
        "another program listens on a port that Kubernetes needs",
        "find it (Linux: ss -ltnp; Windows: netstat -abno), stop it for good, then run again",
    ),
    known(
        "kubeadm-version",
        r"this version of kubeadm only supports|kubelet version is higher than the control plane version",
        "the machine's kubeadm and the cluster's control plane are too far apart",
        "set versions.kubernetes to the version of the existing control plane, or upgrade that first",
    ),
    known(
        "preflight",
        r"\[preflight\] Some fatal errors occurred|\[ERROR (?!Port-|CRI\]|Swap\])[^\]]+\]",
        "kubeadm refuses the machine for the reason it gives in brackets",
        "put it right, or accept it: ignorePreflightErrors (Linux), windowsIgnorePreflightErrors; then run again",
    ),
    known(
        "kubelet-unhealthy",
        r"The kubelet is not (healthy|running)|failed while waiting for (the kubelet to start|TLS bootstrap)",
        "kubelet does not come up, so that the join does not end",
        "Linux: journalctl -u kubelet; Windows: kubelet.log in the log folder; then run again, what is half done "
        "is reset",
    ),
    known(
        "certificate-for-another-name",
        r"x509: certificate is valid for [^\n]*, not ",
        "the API server's certificate does not name the address that was asked",
        "set controlPlane.endpoint to a name it has, or add this one: kubeadmConfiguration.apiServer.certSANs",
    ),
    known(
        "not-yet-valid",
        r"x509: certificate has expired or is not yet valid: current time \S+ is before",
        "this machine's clock is behind the control plane's",
        "Linux: timedatectl set-ntp true; Windows: w32tm /resync /force; compare date -u on both, then run again",
    ),
    known(
        "certificate-expired",
        r"x509: certificate has expired or is not yet valid: current time \S+ is after",
        "a certificate of the cluster has run out, or this machine's clock is ahead",
        "on the control plane: kubeadm certs check-expiration, kubeadm certs renew all; compare clocks with date -u",
    ),
    known(
        "another-authority",
        r'"https://[^"]+/(api|apis|version|livez|readyz)\b[^\n]*x509: certificate signed by unknown authority',
        "the API server there belongs to another cluster, or something between reads along",
        "compare the address with the control plane's; to join this cluster anew: pulumi up --replace "
        "'**::NODE-credential-requested'",
    ),
    known(
        "not-signed",
        r"waiting until the controller manager has signed the certificate",
        "the control plane's controller manager does not sign certificates: it is down, or an existing cluster "
        "forbids it",
        "kubectl -n kube-system get pods; kubectl get csr; it needs --cluster-signing-cert-file and -key-file",
    ),
    known(
        "unauthorized",
        r"must be logged in to the server|asked for the client to provide credentials|\(Unauthorized\)| Unauthorized$",
        "the API server does not know this credential: of another cluster, run out, or of a Node that was deleted",
        "pulumi up --replace '**::NODE-credential-requested' gives the node a new one",
    ),
    known(
        "etcd-slow",
        r"etcdserver: (request timed out|leader changed|mvcc: database space exceeded)",
        "etcd on the control plane is too slow or full",
        "give it a faster disk; for a full one: etcdctl defrag and alarm disarm; then run again",
    ),
    known(
        "service-network-unreachable",
        r"dial tcp (\[?fd[\da-f:]+\]?|10\.96\.0\.1|\S+\.0\.1):443: ",
        "something asks the API server by its service address, which only works when kube-proxy has run there",
        "is kube-proxy running on that node? kubectl -n kube-system get pods -o wide; Windows: Get-Service kube-proxy",
    ),
    known(
        "api-unreachable",
        r":6443: (connect: (connection refused|no route to host)|connectex: |i/o timeout)|"
        r"was refused - did you specify the right host|"
        r":6443[^\n]*(TLS handshake timeout|context deadline exceeded)|waiting until the API server is ready",
        "the API server does not answer: it is down, or TCP 6443 does not come through",
        "on the control plane: crictl ps -a, journalctl -u kubelet; from here: curl -k https://ENDPOINT:6443/livez",
    ),
    known(
        "disruption-budget",
        r"would violate the pod's disruption budget",
        "a PodDisruptionBudget holds a pod on the node that is drained",
        "kubectl get poddisruptionbudgets -A; let its workload have another replica, then run again",
    ),
)
