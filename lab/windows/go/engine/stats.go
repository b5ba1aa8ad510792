package engine

import (
	"context"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// What programs use is not measured: the numbers are there because the kubelet asks for them.
func (c *container) stats() *cri.ContainerStats {
	return &cri.ContainerStats{
		Attributes: &cri.ContainerAttributes{
			Id: c.ID, Metadata: c.Config.Metadata, Labels: c.Config.Labels, Annotations: c.Config.Annotations,
		},
		Cpu:    &cri.CpuUsage{Timestamp: now(), UsageCoreNanoSeconds: &cri.UInt64Value{Value: 1}, UsageNanoCores: &cri.UInt64Value{Value: 1}},
		Memory: &cri.MemoryUsage{Timestamp: now(), WorkingSetBytes: &cri.UInt64Value{Value: 1 << 20}},
		WritableLayer: &cri.FilesystemUsage{
			Timestamp: now(), FsId: &cri.FilesystemIdentifier{Mountpoint: `C:\`}, UsedBytes: &cri.UInt64Value{Value: 1 << 20},
		},
	}
}

func (r *Runtime) ContainerStats(_ context.Context, request *cri.ContainerStatsRequest) (*cri.ContainerStatsResponse, error) {
	one, err := r.container(request.ContainerId)
	if err != nil {
		return nil, err
	}
	return &cri.ContainerStatsResponse{Stats: one.stats()}, nil
}

func (r *Runtime) ListContainerStats(_ context.Context, request *cri.ListContainerStatsRequest) (*cri.ListContainerStatsResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	answer, filter := &cri.ListContainerStatsResponse{}, request.GetFilter()
	for _, one := range r.records.Containers {
		if (filter.GetId() == "" || filter.GetId() == one.ID) && contains(one.Config.Labels, filter.GetLabelSelector()) {
			answer.Stats = append(answer.Stats, one.stats())
		}
	}
	return answer, nil
}

func (s *sandbox) attributes() *cri.PodSandboxAttributes {
	return &cri.PodSandboxAttributes{
		Id: s.ID, Metadata: s.Config.Metadata, Labels: s.Config.Labels, Annotations: s.Config.Annotations,
	}
}

func (r *Runtime) ListPodSandboxStats(_ context.Context, _ *cri.ListPodSandboxStatsRequest) (*cri.ListPodSandboxStatsResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	answer := &cri.ListPodSandboxStatsResponse{}
	for _, one := range r.records.Sandboxes {
		answer.Stats = append(answer.Stats, &cri.PodSandboxStats{Attributes: one.attributes()})
	}
	return answer, nil
}
