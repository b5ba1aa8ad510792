package engine

import (
	"context"
	"fmt"

	"github.com/containernetworking/cni/libcni"
	types "github.com/containernetworking/cni/pkg/types/100"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"lab/windows-stand-ins/host"
)

// networkConfiguration returns the first CNI configuration of the folder, as containerd takes it.
func (r *Runtime) networkConfiguration() (*libcni.NetworkConfigList, error) {
	folder := r.settings.ConfDir
	files, err := libcni.ConfFiles(folder, []string{".conf", ".conflist", ".json"})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no network config found in %s", folder)
	}
	return libcni.ConfListFromFile(files[0])
}

func (r *Runtime) plugins(one *sandbox) (*libcni.CNIConfig, *libcni.NetworkConfigList, *libcni.RuntimeConf, error) {
	list, err := r.networkConfiguration()
	if err != nil {
		return nil, nil, nil, err
	}
	config := libcni.NewCNIConfigWithCacheDir(r.settings.BinDirs, r.settings.Root, nil)
	metadata := one.Config.Metadata
	dns := map[string]any{}
	if given := one.Config.DnsConfig; given != nil {
		dns = map[string]any{"servers": given.Servers, "searches": given.Searches, "options": given.Options}
	}
	return config, list, &libcni.RuntimeConf{
		ContainerID: one.ID,
		NetNS:       r.namespaceOf(one),
		IfName:      "eth0",
		Args: [][2]string{
			{"IgnoreUnknown", "1"},
			{"K8S_POD_NAMESPACE", metadata.Namespace},
			{"K8S_POD_NAME", metadata.Name},
			{"K8S_POD_INFRA_CONTAINER_ID", one.ID},
			{"K8S_POD_UID", metadata.Uid},
		},
		CapabilityArgs: map[string]any{"portMappings": portMappings(one.Config), "dns": dns},
	}, nil
}

// namespaceOf returns how CNI plug-ins find a sandbox: Docker's has no namespace of its own to them, but its name.
func (r *Runtime) namespaceOf(one *sandbox) string {
	if r.settings.Docker {
		return "none"
	}
	return one.Namespace
}

func portMappings(config *cri.PodSandboxConfig) []map[string]any {
	made := []map[string]any{}
	for _, mapping := range config.PortMappings {
		if mapping.HostPort > 0 {
			made = append(made, map[string]any{
				"hostPort": mapping.HostPort, "containerPort": mapping.ContainerPort,
				"protocol": mapping.Protocol.String(), "hostIP": mapping.HostIp,
			})
		}
	}
	return made
}

// connect gives a sandbox its HNS namespace and, by the CNI plug-ins, its endpoint and address.
func (r *Runtime) connect(ctx context.Context, one *sandbox) error {
	guid, _, err := host.Ask("HcnCreateNamespace", "", `{"SchemaVersion":{"Major":2,"Minor":0}}`)
	if err != nil {
		return err
	}
	one.Namespace = guid
	if r.settings.Docker {
		system := map[string]string{"id": one.ID, "namespace": guid}
		if err := host.AskJSON("ComputeSystemCreate", system, nil); err != nil {
			return err
		}
	}
	config, list, parameters, err := r.plugins(one)
	if err != nil {
		return err
	}
	answer, err := config.AddNetworkList(ctx, list, parameters)
	if err != nil {
		return err
	}
	result, err := types.NewResultFromResult(answer)
	if err != nil {
		return err
	}
	if len(result.IPs) == 0 {
		return fmt.Errorf("the CNI plug-ins gave sandbox %s no address", one.ID)
	}
	one.Address = result.IPs[0].Address.IP.String()
	return nil
}

// disconnect takes both away again; what is gone already is no error.
func (r *Runtime) disconnect(ctx context.Context, one *sandbox) error {
	if one.Namespace == "" {
		return nil
	}
	config, list, parameters, err := r.plugins(one)
	if err != nil {
		return err
	}
	if err := config.DelNetworkList(ctx, list, parameters); err != nil {
		return err
	}
	if r.settings.Docker {
		_ = host.AskJSON("ComputeSystemDelete", map[string]string{"id": one.ID}, nil)
	}
	_, _, _ = host.Ask("HcnDeleteNamespace", one.Namespace, "")
	one.Namespace = ""
	return nil
}
