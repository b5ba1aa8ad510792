"""Failures of Windows, its Host Networking Service (HNS), flannel and kube-proxy on it."""

from __future__ import annotations

from plan.failure import Failure, known

WINDOWS: tuple[Failure, ...] = (
    known(
        "image-for-another-windows",
        r"no matching manifest for windows|no match for platform in manifest|"
        r"container operating system does not match the host|-based image is incompatible with a [\d.]+ host",
        "a Windows container starts only on the Windows build its image was made for, and this image has no "
        "variant for it",
        "use an image with variants for ltsc2022 and ltsc2025 (images.pause: pause 3.10.2 or newer), or bring "
        "the right "
        "one in by imageArchives",
    ),
    known(
        "network-exists",
        r"(?i)(hcn|hns)[^\n]*(0x803b0010|object already exists|network with this name already exists)",
        "another container network, or the rest of an earlier installation, holds what flannel wants to make",
        "look with Get-HnsNetwork on the host, remove what is not 'nat' and not in use, restart the host, then "
        "run again",
    ),
    known(
        "adapter-not-found",
        r"(?i)an adapter was not found|0x803b0006|failed to find (any valid )?interface to use|"
        r"error looking up interface|no such network interface",
        "interfaceName names no adapter of this host, or another one holds the management address",
        "compare interfaceName and managementIp in the stack file with Get-NetIPAddress -AddressFamily IPv4 on "
        "the host",
    ),
    known(
        "port-reserved",
        r"0x803b0013|hcnCreateLoadBalancer[^\n]*port already exists|"
        r"Only one usage of each socket address|lacked sufficient buffer space or because a queue was full",
        "Windows has no free port in the range it hands out, or has reserved the one that is wanted",
        "look with: netsh int ipv4 show excludedportrange tcp; then widen it: netsh int ipv4 set dynamicport tcp "
        "start=34000 num=31536",
    ),
    known(
        "hns-went-away",
        r"(?i)(hcn|hns)[^\n]*(0x6b[aef]\b|RPC server is unavailable|remote procedure call failed)",
        "the Host Networking Service has crashed or was restarted, which loses its load balancers",
        "restart it (Restart-Service hns) and run again; flannel and kube-proxy are put right by their supervisor",
    ),
    known(
        "hns-network-missing",
        r"(?i)(hcn|hns)[^\n]*(element not found|network was not found|0x490|0x803b0001)",
        "the pod network is not there: it does not survive a restart, and flanneld has not made it again yet",
        r"read flanneld.log in the node's log folder and C:\k\casement\log\Watch-Flannel.log, then run again",
    ),
    known(
        "policy-refused",
        r"0x803b000d|source-vip flag not set|sourceVip is not set|"
        r"policy configuration is invalid or missing parameters",
        "kube-proxy has no source address, or one that is not in the node's pod range",
        r"pulumi up --replace '**::NODE-kube-proxy-running' reserves a new one; C:\k\kube-proxy.yaml shows it",
    ),
    known(
        "vni-or-port",
        r"VNI \[\d+\] must be greater|Port \[\d+\] is not supported|DirectRouting is not supported",
        "flannel on Windows needs VNI 4096 or more and UDP 4789, and the cluster's flannel has other numbers",
        "set vni and vxlanPort in the stack file to 4096 and 4789, and give an existingFlannel the same",
    ),
    known(
        "address-lost",
        r"in vain until an adapter holds [\d.]+",
        "the virtual switch has taken the adapter over without its static address",
        r"C:\k\casement\state\host-network.json holds what it was: set it on 'vEthernet (NAME)' at the console, "
        r"or use DHCP "
        "with a reservation",
    ),
    known(
        "node-gone-from-network",
        r"no answer from [\d.]+ port \d+",
        "making the pod network moves the adapter to a virtual switch, and the machine has not come back",
        "look at its console: does 'vEthernet (NAME)' hold the address? If not, set it there or restart the "
        "machine; run again",
    ),
    known(
        "flannel-not-announced",
        r"waiting until flannel on \S+ has announced[^\n]*\n *last answer: type",
        "flanneld on the node does not get on",
        r"read flanneld.log in the node's log folder and C:\k\casement\log\Watch-Flannel.log there",
    ),
    known(
        "layer-locked",
        r"(?i)hcsshim::\w+Layer[^\n]*(being used by another process|access is denied)|"
        r"failed to extract layer[^\n]*(being used by another process|access is denied)",
        "a virus scanner holds the files of an image while they are unpacked",
        r"exclude C:\ProgramData\containerd and containerd.exe from scanning (a central policy may rule it), then "
        r"run again",
    ),
    known(
        "feature-source-missing",
        r"(?i)0x800f081f|0x800f0954|source files could not be found",
        "Windows looks for the files of a feature at an update server that does not have them",
        "install it by hand once: Install-WindowsFeature Containers -Source PATH-TO-SXS, then run again",
    ),
    known(
        "restart-pending",
        r"(?i)server that you specified requires a restart|a (system )?restart is pending|0x800f0818",
        "Windows waits for a restart that something else has asked for, often an update",
        "restart the machine when it suits, then run again",
    ),
    known(
        "scripts-disabled",
        r"(?i)running scripts is disabled on this system|is not digitally signed",
        "a group policy forbids PowerShell scripts, which the command line cannot overrule",
        "set the policy 'Turn on Script Execution' for this machine to 'Allow all scripts' or leave it unset",
    ),
    known(
        "script-blocked",
        r"(?i)contains malicious content and has been blocked|blocked by your antivirus",
        "the virus scanner takes a script for malicious",
        r"exclude C:\k\casement from scanning, and report the scanner's name and version to this project",
    ),
    known(
        "not-administrator",
        r'(?i)"#requires" statement for running as administrator|not running as administrator|0x80070005[^\n]*service',
        "the SSH user is not a full administrator of this host",
        "use Administrator, or a member of Administrators whom sshd gives its full token "
        "(LocalAccountTokenFilterPolicy 1)",
    ),
    known(
        "scripts-missing",
        r"Invoke-Step\.ps1' to the -File parameter does not exist|\.casement/linux/step\.sh: No such file",
        "somebody has removed the project's scripts from the machine",
        "bring them back: pulumi up --replace '**::NODE-scripts'",
    ),
    known(
        "page-file",
        r"(?i)paging file is too small|not enough (memory|storage) (resources|is available)",
        "Windows has run out of memory that it can promise",
        "give the machine more memory or a larger page file, or let it run fewer pods; then run again",
    ),
)
