package engine

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"lab/windows-stand-ins/host"
)

// container is a program that the host runs; whether it still does, the host knows.
type container struct {
	ID       string
	Sandbox  string
	Config   *cri.ContainerConfig
	Image    string
	LogPath  string
	Created  int64
	Launched bool
	Last     condition
}

// condition is what the host answers to ContainerState.
type condition struct {
	Running  bool  `json:"running"`
	Exit     int32 `json:"exit"`
	Started  int64 `json:"started"`
	Finished int64 `json:"finished"`
}

type mount struct {
	Container string `json:"container"`
	Host      string `json:"host"`
}

// launch is the argument of ContainerStart; see lab/windows/pods.py.
type launch struct {
	ID        string         `json:"id"`
	Namespace string         `json:"namespace"`
	RootFS    string         `json:"rootfs"`
	Command   []string       `json:"command"`
	Env       []string       `json:"env"`
	Mounts    []mount        `json:"mounts"`
	Log       string         `json:"log"`
	DNS       *cri.DNSConfig `json:"dns,omitempty"`
}

func (c *container) named() map[string]string { return map[string]string{"id": c.ID} }

// condition asks the host; a container it does not know has ended with the host's last boot.
func (c *container) condition() condition {
	if c.Launched && c.Last.Finished == 0 {
		var found condition
		if err := host.AskJSON("ContainerState", c.named(), &found); err != nil {
			found = condition{Exit: 255, Started: c.Last.Started, Finished: now()}
		}
		c.Last = found
	}
	return c.Last
}

func (c *container) state() cri.ContainerState {
	switch {
	case !c.Launched:
		return cri.ContainerState_CONTAINER_CREATED
	case c.condition().Running:
		return cri.ContainerState_CONTAINER_RUNNING
	}
	return cri.ContainerState_CONTAINER_EXITED
}

func (c *container) stop() {
	if c.state() != cri.ContainerState_CONTAINER_RUNNING {
		return
	}
	if err := host.AskJSON("ContainerStop", c.named(), nil); err != nil {
		log.Printf("stopping container %s: %v", c.ID, err)
	}
}

func (c *container) remove() {
	if c.Launched {
		_ = host.AskJSON("ContainerRemove", c.named(), nil)
	}
}

func (r *Runtime) containersOf(sandbox string) []*container {
	var found []*container
	for _, one := range r.records.Containers {
		if one.Sandbox == sandbox {
			found = append(found, one)
		}
	}
	return found
}

func (r *Runtime) container(id string) (*container, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if one := r.records.Containers[id]; one != nil {
		return one, nil
	}
	return nil, status.Errorf(codes.NotFound, "an error occurred when try to find container %q: not found", id)
}

func (r *Runtime) CreateContainer(_ context.Context, request *cri.CreateContainerRequest) (*cri.CreateContainerResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.records.Sandboxes[request.PodSandboxId] == nil {
		return nil, status.Errorf(codes.NotFound, "failed to find sandbox id %q: not found", request.PodSandboxId)
	}
	found := r.findImage(request.Config.Image.Image)
	if found == nil {
		return nil, status.Errorf(codes.NotFound, "failed to resolve image %q: not found", request.Config.Image.Image)
	}
	one := &container{ID: newID(), Sandbox: request.PodSandboxId, Config: request.Config, Image: found.ID, Created: now()}
	if request.Config.LogPath != "" {
		one.LogPath = filepath.Join(request.SandboxConfig.LogDirectory, request.Config.LogPath)
	}
	r.records.Containers[one.ID] = one
	r.save()
	return &cri.CreateContainerResponse{ContainerId: one.ID}, nil
}

func (r *Runtime) StartContainer(_ context.Context, request *cri.StartContainerRequest) (*cri.StartContainerResponse, error) {
	one, err := r.container(request.ContainerId)
	if err != nil {
		return nil, err
	}
	r.lock.Lock()
	pod, from := r.records.Sandboxes[one.Sandbox], r.records.Images[one.Image]
	r.lock.Unlock()
	argument := launch{
		ID: one.ID, Namespace: pod.Namespace, RootFS: from.Files, Command: command(one.Config, from), Log: one.LogPath,
		DNS: pod.Config.DnsConfig, Env: from.Env,
	}
	for _, pair := range one.Config.Envs {
		argument.Env = append(argument.Env, pair.Key+"="+string(pair.Value))
	}
	for _, each := range one.Config.Mounts {
		if r.settings.Docker {
			if leftOut(one.Config, each.ContainerPath) {
				continue
			}
			if about, err := os.Stat(each.HostPath); err != nil || !about.IsDir() {
				const refusal = "invalid mount config for type \"bind\": source path must be a directory: %s"
				return nil, status.Errorf(codes.Unknown, refusal, each.HostPath)
			}
		}
		argument.Mounts = append(argument.Mounts, mount{Container: each.ContainerPath, Host: each.HostPath})
	}
	if len(argument.Command) == 0 {
		return nil, status.Errorf(codes.Unknown, "failed to create containerd task: no command specified")
	}
	if err := host.AskJSON("ContainerStart", argument, nil); err != nil {
		return nil, status.Errorf(codes.Unknown, "failed to create containerd task: %v", err)
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	one.Launched = true
	r.save()
	return &cri.StartContainerResponse{}, nil
}

// leftOut says which single files cri-dockerd does not mount, because Docker on Windows mounts folders only.
func leftOut(config *cri.ContainerConfig, path string) bool {
	message := config.Annotations["io.kubernetes.container.terminationMessagePath"]
	return message != "" && strings.HasSuffix(strings.ReplaceAll(path, `\`, "/"), message) ||
		strings.HasSuffix(strings.ToLower(path), `\drivers\etc\hosts`)
}

// command is the pod's or the image's; a path from the root of the image is one on the container's drive C:.
func command(config *cri.ContainerConfig, from *image) []string {
	words := append(append([]string{}, config.Command...), config.Args...)
	if len(config.Command) == 0 {
		words = append(append([]string{}, from.Entrypoint...), config.Args...)
		if len(config.Args) == 0 {
			words = append(words, from.Cmd...)
		}
	}
	if len(words) > 0 {
		name := strings.ReplaceAll(words[0], "/", `\`)
		if strings.HasPrefix(name, `\`) {
			name = "C:" + name
		}
		if filepath.Ext(name) == "" {
			name += ".exe"
		}
		words[0] = name
	}
	return words
}

func (r *Runtime) StopContainer(_ context.Context, request *cri.StopContainerRequest) (*cri.StopContainerResponse, error) {
	if one, err := r.container(request.ContainerId); err == nil {
		one.stop()
	}
	return &cri.StopContainerResponse{}, nil
}

func (r *Runtime) RemoveContainer(_ context.Context, request *cri.RemoveContainerRequest) (*cri.RemoveContainerResponse, error) {
	one, err := r.container(request.ContainerId)
	if err != nil {
		return &cri.RemoveContainerResponse{}, nil
	}
	one.stop()
	one.remove()
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.records.Containers, one.ID)
	r.save()
	return &cri.RemoveContainerResponse{}, nil
}

func (r *Runtime) ListContainers(_ context.Context, request *cri.ListContainersRequest) (*cri.ListContainersResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	answer, filter := &cri.ListContainersResponse{}, request.GetFilter()
	for _, one := range r.records.Containers {
		shown := &cri.Container{
			Id: one.ID, PodSandboxId: one.Sandbox, Metadata: one.Config.Metadata, Image: one.Config.Image, ImageRef: one.Image,
			ImageId: one.Image, State: one.state(), CreatedAt: one.Created, Labels: one.Config.Labels, Annotations: one.Config.Annotations,
		}
		unwanted := filter.GetId() != "" && filter.GetId() != shown.Id ||
			filter.GetPodSandboxId() != "" && filter.GetPodSandboxId() != shown.PodSandboxId ||
			filter.GetState() != nil && filter.State.State != shown.State
		if !unwanted && contains(shown.Labels, filter.GetLabelSelector()) {
			answer.Containers = append(answer.Containers, shown)
		}
	}
	return answer, nil
}

func (r *Runtime) ContainerStatus(_ context.Context, request *cri.ContainerStatusRequest) (*cri.ContainerStatusResponse, error) {
	one, err := r.container(request.ContainerId)
	if err != nil {
		return nil, err
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	state, last, reason := one.state(), one.Last, ""
	if state == cri.ContainerState_CONTAINER_EXITED {
		if reason = "Completed"; last.Exit != 0 {
			reason = "Error"
		}
	}
	return &cri.ContainerStatusResponse{Status: &cri.ContainerStatus{
		Id: one.ID, Metadata: one.Config.Metadata, State: state, CreatedAt: one.Created, StartedAt: last.Started,
		FinishedAt: last.Finished, ExitCode: last.Exit, Image: one.Config.Image, ImageRef: one.Image, ImageId: one.Image,
		Reason: reason, Labels: one.Config.Labels, Annotations: one.Config.Annotations, Mounts: one.Config.Mounts, LogPath: one.LogPath,
	}}, nil
}

func (r *Runtime) ReopenContainerLog(context.Context, *cri.ReopenContainerLogRequest) (*cri.ReopenContainerLogResponse, error) {
	return &cri.ReopenContainerLogResponse{}, nil
}

func (r *Runtime) UpdateContainerResources(context.Context, *cri.UpdateContainerResourcesRequest) (*cri.UpdateContainerResourcesResponse, error) {
	return &cri.UpdateContainerResourcesResponse{}, nil
}

func (c *container) String() string {
	return fmt.Sprintf("container %s of sandbox %s", c.ID, c.Sandbox)
}
