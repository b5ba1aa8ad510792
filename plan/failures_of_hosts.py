"""Failures of any machine: SSH, downloads, registries, proxies, disks, packages, time limits."""

from __future__ import annotations

from plan.failure import Failure, known

HOST: tuple[Failure, ...] = (
    known(
        "disk-full",
        r"(?i)no space left on device|not enough space on the disk|curl: \(23\)|disk quota exceeded",
        "a disk of this machine is full",
        "free some (Linux: df -h, crictl rmi --prune; Windows: Get-PSDrive C), then run again",
    ),
    known(
        "memory",
        r"(?i)cannot allocate memory|oom-kill|exited with status 137",
        "the machine ran out of memory and something was ended",
        "give it more memory or fewer pods, then run again",
    ),
    known(
        "proxy-refuses",
        r"response 407|Proxy Authentication Required|HTTP code 407|error: 407|CONNECT tunnel failed",
        "the proxy does not let this machine through",
        "let it through without a password, or use a mirror inside the site (mirror, imageArchives)",
    ),
    known(
        "proxy-unreachable",
        r"proxyconnect tcp: |curl: \(5\)|Could not resolve proxy",
        "the proxy of the stack file does not answer this machine",
        "compare proxy.http and proxy.https with the site's, and try: curl -x PROXY https://registry.k8s.io/v2/",
    ),
    known(
        "inspected-tls",
        r"/v2/[^\n]*x509: certificate signed by unknown authority|curl: \((35|60|77)\)|SEC_E_UNTRUSTED_ROOT|"
        r"SSL certificate problem",
        "something between reads along and shows a certificate that this machine does not know",
        "put the site's authority into the machine's trust store, or use a mirror; then run again",
    ),
    known(
        "registry-limit",
        r"toomanyrequests|429 Too Many Requests|error: 429",
        "the registry lets this address fetch no more for now",
        "wait, or bring the images in by imageArchives or a registry of the site's own (images)",
    ),
    known(
        "image-missing",
        r"failed to resolve (reference|image)[^\n]*not found|manifest unknown|pull access denied",
        "the registry has no image of that name and tag, or shows it only to those it knows",
        "compare images and versions in the stack file with the registry",
    ),
    known(
        "registry-unreachable",
        r"(failed to do request|pull(ing)? image)[^\n]*(i/o timeout|connection refused|no such host|"
        r"no route to host|EOF)",
        "this machine does not reach the registry",
        "set proxy, images or imageArchives in the stack file",
    ),
    known(
        "name-not-resolved",
        r"curl: \(6\)|(?i:could not resolve host)|Temporary failure (in name resolution|resolving)",
        "this machine cannot resolve the name of where it downloads from",
        "put its DNS right, or set proxy or mirror in the stack file",
    ),
    known(
        "download-missing",
        r"curl: \(22\)[^\n]*(404|403|410)",
        "the mirror or upstream has no such file, or does not show it",
        "try the address by hand; a mirror must have the same paths as upstream, and a version must exist",
    ),
    known(
        "download-stalls",
        r"curl: \((7|16|18|28|52|55|92)\)|curl: \(56\)(?![^\n]*CONNECT)",
        "the download was refused, cut or too slow",
        "try it by hand: curl -fLO ADDRESS on that machine; set proxy or mirror if it needs one",
    ),
    known(
        "another-file",
        r"has digest sha256:\w+, pinned is|has SHA-256 \w+, not the pinned",
        "a mirror or proxy serves another file than the one whose digest is pinned",
        "compare with upstream; only if the new one is right: python -m config.pin",
    ),
    known(
        "packages-locked",
        r"Could not get lock /var/lib/(dpkg|apt)|dpkg was interrupted",
        "another package manager holds the lock, or was cut off",
        "let it end, or: dpkg --configure -a; then run again",
    ),
    known(
        "packages-unreachable",
        r"Failed to fetch http|Unable to fetch some archives|Unable to locate package|does not have a Release file",
        "the distribution's package mirror is not reached, or its lists are not there",
        "put /etc/apt/sources.list right, or set proxy in the stack file; then run again",
    ),
    known(
        "sudo-password",
        r"sudo: (a password is required|a terminal is required|no tty present)|is not in the sudoers file",
        "the SSH user may not use sudo without a password",
        "give it NOPASSWD:ALL in /etc/sudoers.d, or connect as root (ssh.user)",
    ),
    known(
        "host-key",
        r"ssh: host key mismatch|knownhosts: key (mismatch|is unknown)|REMOTE HOST IDENTIFICATION HAS CHANGED",
        "the machine shows another SSH key than the one in knownHostsFile: it was rebuilt, or another one answers",
        "compare at its console, then replace its line: ssh-keyscan -t ed25519 ADDRESS",
    ),
    known(
        "ssh-refused",
        r"ssh: unable to authenticate|no supported methods remain|Permission denied \(publickey",
        "the machine does not take this user's SSH key",
        r"put the public key into authorized_keys (Windows: C:\ProgramData\ssh\administrators_authorized_keys with its "
        "rights as in docs/on-premises.md)",
    ),
    known(
        "ssh-unreachable",
        r"(\A|attempts?: )dial tcp [\d.]+:\d+: "
        r"(connect: (connection refused|no route to host|network is unreachable)|connectex: |i/o timeout)",
        "the machine does not answer SSH: it is off, restarting, or a firewall is between",
        "try: ssh USER@ADDRESS; Windows: Get-Service sshd and its firewall rule; then run again; if the machine is "
        "gone for good, write gone: true at its node (docs/remove.md)",
    ),
    known(
        "name-of-host",
        r"dial tcp: lookup \S+: no such host|dial tcp: lookup \S+ on \S+: no such host",
        "the name of a machine in the stack file is not known where Pulumi runs",
        "give its address (address, managementIp, ssh.host), or put DNS right",
    ),
    known(
        "kernel-setting",
        r"error: \S+=\S+ did not take|sysctl: (cannot stat|setting key)",
        "the kernel does not take a setting that pods need: a module is missing, or something sets it back",
        "modprobe br_netfilter; look into /etc/sysctl.d; the kernel's full set of modules must be installed",
    ),
    known(
        "service-failed",
        r"dependency service or group failed to start|did not respond to the start or control request|"
        r"Job for \S+ failed because",
        "a service does not come up",
        "Linux: journalctl -u SERVICE; Windows: its log in the node's log folder; then run again",
    ),
    known(
        "time-limit",
        r"exited with status 124\b|was ended at its time limit|took longer than its time limit",
        "a download or a service did not get on within the step's time limit",
        "the lines above tell where it was; run again, the step goes on there, or give it longer (timeLimits)",
    ),
)
