package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
)

// known are the keys of daemon.json on Windows that a node comes near; dockerd refuses any that it does not know.
var known = []string{
	"allow-nondistributable-artifacts", "bridge", "data-root", "debug", "dns", "dns-search", "exec-opts", "experimental",
	"features", "fixed-cidr", "group", "hosts", "insecure-registries", "labels", "live-restore", "log-driver", "log-format",
	"log-level", "log-opts", "max-concurrent-downloads", "max-concurrent-uploads", "max-download-attempts", "metrics-addr",
	"min-api-version", "mtu", "pidfile", "proxies", "registry-mirrors", "shutdown-timeout", "storage-driver", "storage-opts",
	"tls", "tlscacert", "tlscert", "tlskey", "tlsverify",
}

type settings map[string]any

func load(path string) (settings, error) {
	made := settings{}
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) && path == defaultFile {
		return made, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &made); err != nil {
		return nil, err
	}
	var unknown []string
	for key := range made {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return nil, fmt.Errorf("the following directives don't match any configuration option: %s", strings.Join(unknown, ", "))
	}
	return made, nil
}

func (s settings) root() string {
	if root, ok := s["data-root"].(string); ok {
		return root
	}
	return `C:\ProgramData\docker`
}
