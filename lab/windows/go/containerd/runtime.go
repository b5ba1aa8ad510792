package main

import (
	"context"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming"
)

const (
	criAddress    = "127.0.0.1:3735"
	imagesAddress = "127.0.0.1:3736"
	streamAddress = "127.0.0.1:3737"
)

// runtime is the server: everything it must know after a restart of the service is in records.
type runtime struct {
	cri.UnimplementedRuntimeServiceServer
	cri.UnimplementedImageServiceServer
	settings *settings
	streams  streaming.Server
	lock     sync.Mutex
	records  records
}

type records struct {
	Images     map[string]*image
	Sandboxes  map[string]*sandbox
	Containers map[string]*container
}

func newRuntime(given *settings) (*runtime, error) {
	made := &runtime{settings: given, records: records{
		Images: map[string]*image{}, Sandboxes: map[string]*sandbox{}, Containers: map[string]*container{},
	}}
	text, err := os.ReadFile(made.recordsPath())
	if err == nil {
		err = json.Unmarshal(text, &made.records)
	}
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	config := streaming.DefaultConfig
	config.Addr = streamAddress
	made.streams, err = streaming.NewServer(config, streamer{made})
	return made, err
}

func (r *runtime) recordsPath() string {
	return filepath.Join(r.settings.Root, "records.json")
}

// save keeps the records; the caller holds the lock.
func (r *runtime) save() {
	text, err := json.MarshalIndent(r.records, "", " ")
	if err == nil {
		err = os.WriteFile(r.recordsPath(), text, 0o600)
	}
	if err != nil {
		log.Printf("keeping the records: %v", err)
	}
}

func (r *runtime) serve() error {
	listener, err := net.Listen("tcp", criAddress)
	if err != nil {
		return err
	}
	failed := make(chan error, 3)
	go func() { failed <- r.streams.Start(true) }()
	go func() { failed <- http.ListenAndServe(imagesAddress, http.HandlerFunc(r.serveImages)) }()
	server := grpc.NewServer(grpc.UnaryInterceptor(logged))
	cri.RegisterRuntimeServiceServer(server, r)
	cri.RegisterImageServiceServer(server, r)
	go func() { failed <- server.Serve(listener) }()
	log.Printf("serving CRI on %s", criAddress)
	return <-failed
}

func logged(ctx context.Context, request any, call *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	answer, err := next(ctx, request)
	if err != nil {
		log.Printf("%s: %v", call.FullMethod, err)
	}
	return answer, err
}

func (r *runtime) Version(context.Context, *cri.VersionRequest) (*cri.VersionResponse, error) {
	return &cri.VersionResponse{
		Version: "0.1.0", RuntimeName: "containerd", RuntimeVersion: "v" + version, RuntimeApiVersion: "v1",
	}, nil
}

// Status says that the network is ready exactly when there is a CNI configuration.
func (r *runtime) Status(_ context.Context, request *cri.StatusRequest) (*cri.StatusResponse, error) {
	network := &cri.RuntimeCondition{Type: cri.NetworkReady, Status: true}
	if _, err := r.networkConfiguration(); err != nil {
		network = &cri.RuntimeCondition{
			Type: cri.NetworkReady, Reason: "NetworkPluginNotReady",
			Message: "Network plugin returns error: cni plugin not initialized",
		}
	}
	answer := &cri.StatusResponse{Status: &cri.RuntimeStatus{Conditions: []*cri.RuntimeCondition{
		{Type: cri.RuntimeReady, Status: true}, network,
	}}}
	if request.Verbose {
		text, err := json.Marshal(r.settings.Plugins)
		if err != nil {
			return nil, err
		}
		answer.Info = map[string]string{"config": string(text)}
	}
	return answer, nil
}

func (r *runtime) UpdateRuntimeConfig(context.Context, *cri.UpdateRuntimeConfigRequest) (*cri.UpdateRuntimeConfigResponse, error) {
	return &cri.UpdateRuntimeConfigResponse{}, nil
}

func (r *runtime) RuntimeConfig(context.Context, *cri.RuntimeConfigRequest) (*cri.RuntimeConfigResponse, error) {
	return &cri.RuntimeConfigResponse{}, nil
}

func now() int64 { return time.Now().UnixNano() }
