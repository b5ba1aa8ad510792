"""Failures of clouds: what they answer when they do not make, change or delete something."""

from __future__ import annotations

from plan.failure import Failure, known

CLOUDS: tuple[Failure, ...] = (
    known(
        "cloud-quota",
        r"exceeding approved [^\n]* quota|PublicIPCountLimitReached|Quota '\w+' exceeded",
        "the cloud gives this account no more of these in this region",
        "compare the output costs with the account's quotas; ask the cloud for more, or choose another size or region; "
        "then run again",
    ),
    known(
        "cloud-image-gone",
        r"PlatformImageNotFound|Could not find image or family",
        "the cloud does not have this version of the image any more, or not in this region",
        "write a version that it has into image (az vm image list --all, gcloud compute images list); machines that "
        "are there keep theirs",
    ),
    known(
        "cloud-no-room",
        r"AllocationFailed|SkuNotAvailable|does not have enough resources available",
        "the cloud has no machine of this size free there now",
        "run again later, or choose another size or zone for this node",
    ),
    known(
        "cloud-machine-not-up",
        r"OSProvisioningTimedOut|OSProvisioningClientError",
        "the cloud made the machine, and its system did not come up",
        "run again, which starts it again; if it stays so, take the node out of the stack file, run, put it back, run",
    ),
    known(
        "cloud-script-failed",
        r"VMExtensionProvisioningError",
        "the script that makes SSH answer failed on the machine; Server 2022 fetches OpenSSH from Windows Update",
        "see what it said above; where it reached nobody, look at the way out (NAT, existingSubnet); then run again",
    ),
    known(
        "cloud-machine-keeps",
        r"PropertyChangeNotAllowed",
        "a machine keeps this as long as it lives, and the stack file says something else now",
        "have the machine made anew (take the node out of the stack file, run, put it back, run), or write what it has",
    ),
    known(
        "cloud-in-use",
        r"NicInUse|InUse\w+CannotBeDeleted|PublicIPAddressCannotBeDeleted|resourceInUseByAnotherResource",
        "something that this stack did not make uses it",
        "delete what the message names, or let it use something else; then run again",
    ),
    known(
        "cloud-name-taken",
        r"cannot create already existing resource|, alreadyExists\b",
        "the cloud has something of this name that this stack does not know: of somebody else, or of a run that was "
        "killed",
        "delete it there if nobody needs it, or choose another clusterName or node name; then run again",
    ),
)
