"""Serves the package's components to programs in any language of Pulumi."""

from importlib.metadata import version

from pulumi.provider.experimental import component_provider_host

from casement import Flannel, WindowsNodes

component_provider_host(name="casement", components=[Flannel, WindowsNodes], version=version("casement"))
