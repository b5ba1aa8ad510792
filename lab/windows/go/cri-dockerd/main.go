// cri-dockerd of a lab host: takes the real one's flags, ends when Docker does not answer while it starts, tells it how pods
// are networked, and hands every connection of kubelet's through to the engine in dockerd's stand-in.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	dockerAPI = "http://127.0.0.1:3738"
	engine    = "127.0.0.1:3739"
)

var version = "unknown"

func prepare(pause, binDir, confDir string) error {
	answer, err := http.Get(dockerAPI + "/version")
	if err != nil {
		return fmt.Errorf("failed to get docker version from dockerd: %w", err)
	}
	answer.Body.Close()
	text, err := json.Marshal(map[string]string{"Pause": pause, "BinDir": binDir, "ConfDir": confDir})
	if err != nil {
		return err
	}
	answer, err = http.Post(dockerAPI+"/networking", "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("dockerd: %s", said)
	}
	return nil
}

// pass hands one connection through, both ways, until either side ends it.
func pass(from net.Conn, ready func() error) {
	defer from.Close()
	to, err := net.Dial("tcp", engine)
	if err != nil && ready() == nil {
		// A dockerd that was restarted knows nothing of us.
		time.Sleep(500 * time.Millisecond)
		to, err = net.Dial("tcp", engine)
	}
	if err != nil {
		log.Printf("Cannot connect to the Docker daemon. Is the docker daemon running? %v", err)
		return
	}
	defer to.Close()
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{to, from}, {from, to}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

func run() error {
	flags := flag.NewFlagSet("cri-dockerd", flag.ContinueOnError)
	endpoint := flags.String("container-runtime-endpoint", "npipe:////./pipe/cri-dockerd", "")
	plugin := flags.String("network-plugin", "cni", "")
	binDir := flags.String("cni-bin-dir", `C:\k\cni\bin\`, "")
	confDir := flags.String("cni-conf-dir", `C:\k\cni\config`, "")
	pause := flags.String("pod-infra-container-image", "registry.k8s.io/pause:3.10", "")
	for _, name := range []string{"cni-cache-dir", "cri-dockerd-root-directory", "docker-endpoint", "log-level", "runtime-cgroups"} {
		flags.String(name, "", "")
	}
	flags.Duration("image-pull-progress-deadline", time.Minute, "")
	shown := flags.Bool("version", false, "")
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	if *shown {
		fmt.Printf("cri-dockerd %s (lab)\n", version)
		return nil
	}
	if *plugin != "cni" {
		return fmt.Errorf("network plug-in %s is not modelled", *plugin)
	}
	address, found := strings.CutPrefix(*endpoint, "tcp://")
	if !found {
		return fmt.Errorf("%s: Wine's named pipes do not carry gRPC, the lab needs tcp://", *endpoint)
	}
	ready := func() error { return prepare(*pause, *binDir, *confDir) }
	if err := ready(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	log.Printf("Start docker cri grpc backend on %s", address)
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go pass(connection, ready)
	}
}

func main() {
	if err := run(); err != nil {
		log.Print(err)
		os.Exit(1)
	}
}
