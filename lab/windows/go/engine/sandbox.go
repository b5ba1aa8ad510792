package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"lab/windows-stand-ins/host"
)

// sandbox is a pod: on Windows its HNS namespace and a pause container, which the stand-in spares itself.
type sandbox struct {
	ID        string
	Config    *cri.PodSandboxConfig
	Namespace string
	Address   string
	Ready     bool
	Created   int64
}

func newID() string {
	bytes := make([]byte, 32)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

func (s *sandbox) state() cri.PodSandboxState {
	// A restart of the host takes the namespace away.
	if s.Ready && s.Namespace != "" {
		if _, _, err := host.Ask("HcnOpenNamespace", s.Namespace, ""); err != nil {
			return cri.PodSandboxState_SANDBOX_NOTREADY
		}
	}
	if s.Ready {
		return cri.PodSandboxState_SANDBOX_READY
	}
	return cri.PodSandboxState_SANDBOX_NOTREADY
}

// handlers are what a RuntimeClass may name: of containerd the runtimes of its default configuration on Windows, which
// the project leaves as it is; of cri-dockerd its only one.
func (r *Runtime) handlers() []string {
	if r.settings.Docker {
		return []string{"", "docker"}
	}
	return []string{"", "runhcs-wcow-process", "runhcs-wcow-hypervisor"}
}

// RunPodSandbox needs the pause image and the CNI configuration, as containerd does.
func (r *Runtime) RunPodSandbox(ctx context.Context, request *cri.RunPodSandboxRequest) (*cri.RunPodSandboxResponse, error) {
	if handler := request.RuntimeHandler; !slices.Contains(r.handlers(), handler) {
		return nil, status.Errorf(codes.Unknown, "no runtime for %q is configured", handler)
	}
	pause := r.settings.Pause
	r.lock.Lock()
	found := r.findImage(pause)
	r.lock.Unlock()
	if found == nil {
		return nil, status.Errorf(codes.Unknown, "failed to get sandbox image %q: failed to pull image %q: %v", pause, pause, errNoRegistry(pause))
	}
	one := &sandbox{ID: newID(), Config: request.Config, Ready: true, Created: now()}
	if hostProcess(request.Config) {
		if r.settings.Docker {
			return nil, status.Errorf(codes.Unknown, "failed to create sandbox: Docker knows no HostProcess containers")
		}
	} else {
		if err := r.connect(ctx, one); err != nil {
			_ = r.disconnect(ctx, one)
			return nil, status.Errorf(codes.Unknown, "failed to setup network for sandbox %q: %v", one.ID, err)
		}
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	r.records.Sandboxes[one.ID] = one
	r.save()
	return &cri.RunPodSandboxResponse{PodSandboxId: one.ID}, nil
}

func hostProcess(config *cri.PodSandboxConfig) bool {
	return config.GetWindows().GetSecurityContext().GetHostProcess()
}

func (r *Runtime) StopPodSandbox(ctx context.Context, request *cri.StopPodSandboxRequest) (*cri.StopPodSandboxResponse, error) {
	r.lock.Lock()
	one := r.records.Sandboxes[request.PodSandboxId]
	members := r.containersOf(request.PodSandboxId)
	r.lock.Unlock()
	if one == nil {
		return &cri.StopPodSandboxResponse{}, nil
	}
	for _, member := range members {
		member.stop()
	}
	if err := r.disconnect(ctx, one); err != nil {
		return nil, status.Errorf(codes.Unknown, "failed to destroy network for sandbox %q: %v", one.ID, err)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	one.Ready = false
	r.save()
	return &cri.StopPodSandboxResponse{}, nil
}

func (r *Runtime) RemovePodSandbox(ctx context.Context, request *cri.RemovePodSandboxRequest) (*cri.RemovePodSandboxResponse, error) {
	if _, err := r.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: request.PodSandboxId}); err != nil {
		return nil, err
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, member := range r.containersOf(request.PodSandboxId) {
		member.remove()
		delete(r.records.Containers, member.ID)
	}
	delete(r.records.Sandboxes, request.PodSandboxId)
	r.save()
	return &cri.RemovePodSandboxResponse{}, nil
}

func (r *Runtime) PodSandboxStatus(_ context.Context, request *cri.PodSandboxStatusRequest) (*cri.PodSandboxStatusResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	one := r.records.Sandboxes[request.PodSandboxId]
	if one == nil {
		return nil, status.Errorf(codes.NotFound, "an error occurred when try to find sandbox %q: not found", request.PodSandboxId)
	}
	return &cri.PodSandboxStatusResponse{Status: &cri.PodSandboxStatus{
		Id: one.ID, Metadata: one.Config.Metadata, State: one.state(), CreatedAt: one.Created,
		Network: &cri.PodSandboxNetworkStatus{Ip: one.Address}, Linux: &cri.LinuxPodSandboxStatus{},
		Labels: one.Config.Labels, Annotations: one.Config.Annotations,
	}}, nil
}

func (r *Runtime) ListPodSandbox(_ context.Context, request *cri.ListPodSandboxRequest) (*cri.ListPodSandboxResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	answer := &cri.ListPodSandboxResponse{}
	for _, one := range r.records.Sandboxes {
		shown := &cri.PodSandbox{
			Id: one.ID, Metadata: one.Config.Metadata, State: one.state(), CreatedAt: one.Created,
			Labels: one.Config.Labels, Annotations: one.Config.Annotations,
		}
		filter := request.GetFilter()
		if filter.GetId() != "" && filter.GetId() != shown.Id || filter.GetState() != nil && filter.State.State != shown.State {
			continue
		}
		if contains(shown.Labels, filter.GetLabelSelector()) {
			answer.Items = append(answer.Items, shown)
		}
	}
	return answer, nil
}

func contains(labels, wanted map[string]string) bool {
	for key, value := range wanted {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func errNoRegistry(name string) error {
	return fmt.Errorf("failed to resolve image %q: the lab's stand-in reaches no registry, import an archive", name)
}
