"""What types of Azure resources are called, and need not have been called."""

from __future__ import annotations

import re

import pulumi

_OF_ONE_API_VERSION = re.compile(r"azure-native:[a-z]+/v\d{8}\w*:")


def without_versioned_names(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """Take off a resource the names that its type has in single API versions.

    The SDK says of every resource that it might be known under some thirty of them, for programs that have named a
    version; ours never has. Pulumi makes a dozen tasks of each name, which took half of the time of a preview. Names
    that a type had without a version stay: a new SDK may need them to find what an old one has made.
    """
    if not args.opts.aliases:
        return None
    opts = pulumi.ResourceOptions.merge(args.opts, None)
    opts.aliases = [each for each in args.opts.aliases if not _versioned(each)]
    return pulumi.ResourceTransformationResult(args.props, opts)


def _versioned(alias: pulumi.Input[str | pulumi.Alias]) -> bool:
    return isinstance(alias, pulumi.Alias) and bool(_OF_ONE_API_VERSION.match(str(alias.type_)))
