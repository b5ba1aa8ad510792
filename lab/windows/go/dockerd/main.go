// dockerd of a lab host: a real Windows service with dockerd's flags and daemon.json, on the engine that containerd's
// stand-in has too. Its API is the part that docker.exe here asks; cri-dockerd's stand-in is handed through to the engine.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"

	"lab/windows-stand-ins/engine"
	"lab/windows-stand-ins/service"
)

const (
	apiAddress    = "127.0.0.1:3738"
	criAddress    = "127.0.0.1:3739"
	imagesAddress = "127.0.0.1:3736"
	defaultFile   = `C:\ProgramData\docker\config\daemon.json`
)

var version = "unknown"

type options struct {
	config, service                        string
	validate, register, unregister, run, v bool
}

func parse(words []string) (*options, error) {
	given := &options{}
	flags := flag.NewFlagSet("dockerd", flag.ContinueOnError)
	flags.StringVar(&given.config, "config-file", defaultFile, "Daemon configuration file")
	flags.StringVar(&given.service, "service-name", "docker", "Set the Windows service name")
	flags.BoolVar(&given.validate, "validate", false, "Validate daemon configuration and exit")
	flags.BoolVar(&given.register, "register-service", false, "Register the service and exit")
	flags.BoolVar(&given.unregister, "unregister-service", false, "Unregister the service and exit")
	flags.BoolVar(&given.run, "run-service", false, "")
	flags.BoolVar(&given.v, "version", false, "Print version information and quit")
	if err := flags.Parse(words); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unknown command: docker daemon %s", flags.Arg(0))
	}
	return given, nil
}

// daemon answers docker.exe and cri-dockerd; the engine begins when cri-dockerd has said how pods are networked.
type daemon struct {
	root   string
	lock   sync.Mutex
	engine *engine.Runtime
	failed chan error
}

// networking is what cri-dockerd's flags say, which the engine needs and dockerd itself does not know.
type networking struct {
	Pause   string
	BinDir  string
	ConfDir string
}

// begin starts the engine, or tells the one that runs what is new.
func (d *daemon) begin(wanted networking) error {
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.engine != nil {
		d.engine.Configure(wanted.Pause, []string{wanted.BinDir}, wanted.ConfDir)
		return nil
	}
	made, err := engine.New(&engine.Settings{
		Name: "docker", Version: version, Root: d.root, Pause: wanted.Pause, BinDirs: []string{wanted.BinDir},
		ConfDir: wanted.ConfDir, Docker: true, Shown: map[string]string{"sandboxImage": wanted.Pause},
	})
	if err != nil {
		return err
	}
	d.engine = made
	go func() { d.failed <- made.Serve(criAddress, imagesAddress) }()
	return nil
}

func (d *daemon) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	switch request.Method + " " + request.URL.Path {
	case "GET /version":
		fmt.Fprintln(writer, version)
	case "POST /networking":
		var wanted networking
		err := json.NewDecoder(request.Body).Decode(&wanted)
		if err == nil {
			err = d.begin(wanted)
		}
		if err != nil {
			http.Error(writer, err.Error(), http.StatusInternalServerError)
		}
	case "POST /prune":
		if d.engine != nil {
			d.engine.Prune()
		}
	default:
		http.NotFound(writer, request)
	}
}

func start(given *options) error {
	settings, err := load(given.config)
	if err != nil {
		return fmt.Errorf("unable to configure the Docker daemon with file %s: %w", given.config, err)
	}
	made := &daemon{root: settings.root(), failed: make(chan error, 2)}
	go func() { made.failed <- http.ListenAndServe(apiAddress, made) }()
	return <-made.failed
}

func run() error {
	given, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	switch {
	case given.v:
		fmt.Printf("Docker version %s, build lab\n", version)
		return nil
	case given.validate:
		if _, err := load(given.config); err != nil {
			return fmt.Errorf("unable to configure the Docker daemon with file %s: %w", given.config, err)
		}
		fmt.Println("configuration OK")
		return nil
	case given.register:
		return service.Register(given.service, "Docker Engine", "", os.Args[1:])
	case given.unregister:
		return service.Unregister(given.service)
	case given.run:
		return service.Run(given.service, func() error { return start(given) })
	}
	return start(given)
}

func main() {
	if err := run(); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}
