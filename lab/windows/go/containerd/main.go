// containerd of a lab host: a real Windows service that serves the CRI as containerd does, and leaves to the host what
// Wine cannot do: Windows containers. It listens on TCP, for Wine's named pipes do not carry gRPC.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"lab/windows-stand-ins/engine"
	"lab/windows-stand-ins/service"
)

var version = "unknown"

type options struct {
	config     string
	logFile    string
	logLevel   string
	register   bool
	unregister bool
	runService bool
	version    bool
}

func parse(words []string) (*options, error) {
	given := &options{}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	flags := flag.NewFlagSet("containerd", flag.ContinueOnError)
	flags.StringVar(&given.config, "config", filepath.Join(filepath.Dir(program), "config.toml"), "path to the configuration file")
	flags.StringVar(&given.logFile, "log-file", "", "path to the log file")
	flags.StringVar(&given.logLevel, "log-level", "", "logging level")
	flags.BoolVar(&given.register, "register-service", false, "register the service and exit")
	flags.BoolVar(&given.unregister, "unregister-service", false, "unregister the service and exit")
	flags.BoolVar(&given.runService, "run-service", false, "run as a service")
	flags.BoolVar(&given.version, "version", false, "print the version")
	if err := flags.Parse(words); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("containerd %s is not modelled", flags.Arg(0))
	}
	return given, nil
}

func start(given *options) error {
	settings, err := load(given.config)
	if err != nil {
		return fmt.Errorf("containerd: failed to load TOML: %s: %w", given.config, err)
	}
	made, err := engine.New(settings.engine())
	if err != nil {
		return err
	}
	return made.Serve("127.0.0.1:3735", "127.0.0.1:3736")
}

func run() error {
	given, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	switch {
	case given.version:
		fmt.Printf("containerd github.com/containerd/containerd/v2 v%s lab\n", version)
		return nil
	case given.register:
		return service.Register("containerd", "Containerd", "Container runtime", os.Args[1:])
	case given.unregister:
		return service.Unregister("containerd")
	}
	if given.logFile != "" {
		file, err := os.OpenFile(given.logFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			return err
		}
		log.SetOutput(file)
	}
	if given.runService {
		return service.Run("containerd", func() error { return start(given) })
	}
	return start(given)
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	if err := run(); err != nil {
		log.Print(err)
		fmt.Fprintln(os.Stderr, "containerd:", err)
		os.Exit(1)
	}
}
