package main

import (
	"fmt"
	"os"

	"github.com/pelletier/go-toml/v2"

	"lab/windows-stand-ins/engine"
)

// settings are what the stand-in reads of containerd's configuration, version 3; the rest is taken and not looked at.
type settings struct {
	Version int    `toml:"version"`
	Root    string `toml:"root"`
	State   string `toml:"state"`
	Plugins struct {
		Images struct {
			PinnedImages struct {
				Sandbox string `toml:"sandbox"`
			} `toml:"pinned_images"`
		} `toml:"io.containerd.cri.v1.images"`
		Runtime struct {
			CNI struct {
				BinDirs []string `toml:"bin_dirs"`
				BinDir  string   `toml:"bin_dir"`
				ConfDir string   `toml:"conf_dir"`
			} `toml:"cni"`
		} `toml:"io.containerd.cri.v1.runtime"`
	} `toml:"plugins"`
}

// engine returns the part of the configuration that the engine works by.
func (s *settings) engine() *engine.Settings {
	plugins := &s.Plugins
	return &engine.Settings{
		Name: "containerd", Version: "v" + version, Root: s.Root, Pause: plugins.Images.PinnedImages.Sandbox,
		BinDirs: plugins.Runtime.CNI.BinDirs, ConfDir: plugins.Runtime.CNI.ConfDir, Shown: plugins,
	}
}

func load(path string) (*settings, error) {
	made := &settings{Root: `C:\ProgramData\containerd\root`, State: `C:\ProgramData\containerd\state`}
	made.Plugins.Images.PinnedImages.Sandbox = "registry.k8s.io/pause:3.10.1"
	made.Plugins.Runtime.CNI.ConfDir = `C:\Program Files\containerd\cni\conf`
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return made, nil
	}
	if err != nil {
		return nil, err
	}
	if err := toml.Unmarshal(text, made); err != nil {
		return nil, err
	}
	if made.Version < 1 || made.Version > 3 {
		return nil, fmt.Errorf("unsupported config version `%d`", made.Version)
	}
	if made.Version < 3 {
		return nil, fmt.Errorf("configuration version %d: the lab's stand-in reads version 3", made.Version)
	}
	cni := &made.Plugins.Runtime.CNI
	if len(cni.BinDirs) == 0 {
		cni.BinDirs = []string{`C:\Program Files\containerd\cni\bin`}
		if cni.BinDir != "" {
			cni.BinDirs = []string{cni.BinDir}
		}
	}
	return made, nil
}
