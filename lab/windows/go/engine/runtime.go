package engine

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

const streamAddress = "127.0.0.1:3737"

// Settings are what a program that is built on the engine makes of its own configuration.
type Settings struct {
	// Name and Version are what the runtime calls itself over CRI.
	Name, Version string
	// Root is the folder for everything that outlives a restart.
	Root string
	// Pause is the image that a pod cannot do without.
	Pause string
	// BinDirs and ConfDir are where CNI plug-ins and their configuration are.
	BinDirs []string
	ConfDir string
	// Docker says that containers have no HNS namespace: their endpoints are attached to them by name, and what is
	// mounted must be a folder.
	Docker bool
	// Shown is the configuration as a verbose status shows it.
	Shown any
}

// Runtime is the CRI server: everything it must know after a restart of the service is in records.
type Runtime struct {
	cri.UnimplementedRuntimeServiceServer
	cri.UnimplementedImageServiceServer
	settings *Settings
	streams  streaming.Server
	lock     sync.Mutex
	records  records
}

type records struct {
	Images     map[string]*image
	Sandboxes  map[string]*sandbox
	Containers map[string]*container
}

// New returns the runtime with what it knew before.
func New(given *Settings) (*Runtime, error) {
	if err := os.MkdirAll(given.Root, 0o755); err != nil {
		return nil, err
	}
	made := &Runtime{settings: given, records: records{
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

// Configure changes what pods are made with from now on.
func (r *Runtime) Configure(pause string, binDirs []string, confDir string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.settings.Pause, r.settings.BinDirs, r.settings.ConfDir = pause, binDirs, confDir
}

func (r *Runtime) recordsPath() string {
	return filepath.Join(r.settings.Root, "records.json")
}

// save keeps the records; the caller holds the lock.
func (r *Runtime) save() {
	text, err := json.MarshalIndent(r.records, "", " ")
	if err == nil {
		err = os.WriteFile(r.recordsPath(), text, 0o600)
	}
	if err != nil {
		log.Printf("keeping the records: %v", err)
	}
}

// Serve answers CRI on one address, and requests for images on another, until one of them fails.
func (r *Runtime) Serve(criAddress, imagesAddress string) error {
	listener, err := net.Listen("tcp", criAddress)
	if err != nil {
		return err
	}
	failed := make(chan error, 3)
	go func() { failed <- r.streams.Start(true) }()
	go func() { failed <- http.ListenAndServe(imagesAddress, r) }()
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

func (r *Runtime) Version(context.Context, *cri.VersionRequest) (*cri.VersionResponse, error) {
	return &cri.VersionResponse{
		Version: "0.1.0", RuntimeName: r.settings.Name, RuntimeVersion: r.settings.Version, RuntimeApiVersion: "v1",
	}, nil
}

// Status says that the network is ready exactly when there is a CNI configuration.
func (r *Runtime) Status(_ context.Context, request *cri.StatusRequest) (*cri.StatusResponse, error) {
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
		text, err := json.Marshal(r.settings.Shown)
		if err != nil {
			return nil, err
		}
		answer.Info = map[string]string{"config": string(text)}
	}
	return answer, nil
}

func (r *Runtime) UpdateRuntimeConfig(context.Context, *cri.UpdateRuntimeConfigRequest) (*cri.UpdateRuntimeConfigResponse, error) {
	return &cri.UpdateRuntimeConfigResponse{}, nil
}

func (r *Runtime) RuntimeConfig(context.Context, *cri.RuntimeConfigRequest) (*cri.RuntimeConfigResponse, error) {
	return &cri.RuntimeConfigResponse{}, nil
}

func now() int64 { return time.Now().UnixNano() }
