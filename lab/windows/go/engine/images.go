package engine

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/windows/registry"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// image is an imported image; Files is the folder its layers were unpacked into.
type image struct {
	ID         string
	Names      []string
	Files      string
	Size       uint64
	OS         string
	OSVersion  string
	Entrypoint []string
	Cmd        []string
	Env        []string
}

func (r *Runtime) findImage(name string) *image {
	if found := r.records.Images[name]; found != nil {
		return found
	}
	for _, one := range r.records.Images {
		if slices.Contains(one.Names, name) {
			return one
		}
	}
	return nil
}

// ServeHTTP is what ctr and docker ask of images.
func (r *Runtime) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	r.lock.Lock()
	defer r.lock.Unlock()
	query := request.URL.Query()
	switch request.Method {
	case http.MethodGet:
		if name := query.Get("version"); name != "" {
			found := r.findImage(name)
			if found == nil {
				http.Error(writer, "No such image: "+name, http.StatusNotFound)
				return
			}
			fmt.Fprintln(writer, found.OSVersion)
			return
		}
		for _, one := range r.records.Images {
			for _, name := range one.Names {
				fmt.Fprintln(writer, name)
			}
			fmt.Fprintln(writer, one.ID)
		}
	case http.MethodPost:
		names, err := r.importArchive(query.Get("archive"))
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		for _, name := range names {
			fmt.Fprintf(writer, "%s\tsaved\n", name)
		}
	case http.MethodDelete:
		name := query.Get("name")
		if r.findImage(name) == nil {
			http.Error(writer, "unable to delete "+name+": not found", http.StatusNotFound)
			return
		}
		r.removeImage(name)
		fmt.Fprintln(writer, name)
	}
}

// removeImage takes a name away; the image itself goes with its ID, which is a name of its own to ctr.
func (r *Runtime) removeImage(name string) {
	one := r.findImage(name)
	if one == nil {
		return
	}
	one.Names = slices.DeleteFunc(one.Names, func(each string) bool { return each == name })
	if name == one.ID {
		_ = os.RemoveAll(one.Files)
		delete(r.records.Images, one.ID)
	}
	r.save()
}

// Prune takes away every image that no container uses.
func (r *Runtime) Prune() {
	r.lock.Lock()
	defer r.lock.Unlock()
	used := map[string]bool{}
	for _, one := range r.records.Containers {
		used[one.Image] = true
	}
	for id := range r.records.Images {
		if !used[id] {
			r.removeImage(id)
		}
	}
}

type manifest struct {
	Config   string
	RepoTags []string
	Layers   []string
}

type imageConfig struct {
	OS        string `json:"os"`
	OSVersion string `json:"os.version"`
	Config    struct {
		Entrypoint []string
		Cmd        []string
		Env        []string
	} `json:"config"`
}

// importArchive reads a docker-archive. Images of another system than Windows are refused, as containerd cannot unpack them.
func (r *Runtime) importArchive(path string) ([]string, error) {
	scratch, err := os.MkdirTemp(r.settings.Root, "import")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	if err := unpack(path, scratch, ""); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var manifests []manifest
	text, err := os.ReadFile(filepath.Join(scratch, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &manifests)
	}
	if err != nil {
		return nil, fmt.Errorf("unrecognized image format: %w", err)
	}
	var names []string
	for _, each := range manifests {
		if err := r.importImage(scratch, each, names); err != nil {
			return nil, fmt.Errorf("%s: %w", each.RepoTags, err)
		}
		names = append(names, each.RepoTags...)
	}
	r.save()
	return names, nil
}

func (r *Runtime) importImage(scratch string, each manifest, taken []string) error {
	text, err := os.ReadFile(filepath.Join(scratch, filepath.FromSlash(each.Config)))
	if err != nil {
		return err
	}
	var config imageConfig
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	if config.OS != "windows" {
		return fmt.Errorf("no unpack platforms defined: the image is for %s", config.OS)
	}
	// An archive may hold an image for several builds under one name; containerd takes the one for its host.
	if slices.Contains(taken, each.RepoTags[0]) && !strings.HasPrefix(config.OSVersion, "10.0."+hostBuild()+".") {
		return nil
	}
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	made := &image{
		ID: "sha256:" + digest, Names: each.RepoTags, Files: filepath.Join(r.settings.Root, "images", digest), OS: config.OS,
		OSVersion: config.OSVersion, Entrypoint: config.Config.Entrypoint, Cmd: config.Config.Cmd, Env: config.Config.Env,
	}
	for _, layer := range each.Layers {
		source := filepath.Join(scratch, filepath.FromSlash(layer))
		// A Windows layer has the files of the image below Files.
		if err := unpack(source, made.Files, "Files/"); err != nil {
			return err
		}
		if about, err := os.Stat(source); err == nil {
			made.Size += uint64(about.Size())
		}
	}
	for _, other := range r.records.Images {
		other.Names = slices.DeleteFunc(other.Names, func(name string) bool { return slices.Contains(made.Names, name) })
	}
	r.records.Images[made.ID] = made
	return nil
}

// hostBuild returns the build of the Windows that this runs on, such as 20348.
func hostBuild() string {
	const path = `SOFTWARE\Microsoft\Windows NT\CurrentVersion`
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	build, _, err := key.GetStringValue("CurrentBuildNumber")
	if err != nil {
		return ""
	}
	return build
}

func unpack(archive, folder, prefix string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for reader := tar.NewReader(file); ; {
		entry, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name, found := strings.CutPrefix(entry.Name, prefix)
		if !found || entry.Typeflag != tar.TypeReg {
			continue
		}
		if err := write(filepath.Join(folder, filepath.FromSlash(name)), reader); err != nil {
			return err
		}
	}
}

func write(path string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, from); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

func (i *image) shown() *cri.Image {
	return &cri.Image{Id: i.ID, RepoTags: i.Names, Size: i.Size, Spec: &cri.ImageSpec{Image: i.ID}}
}

func (r *Runtime) ListImages(_ context.Context, request *cri.ListImagesRequest) (*cri.ListImagesResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	answer, wanted := &cri.ListImagesResponse{}, request.GetFilter().GetImage().GetImage()
	for _, one := range r.records.Images {
		if wanted == "" || wanted == one.ID || slices.Contains(one.Names, wanted) {
			answer.Images = append(answer.Images, one.shown())
		}
	}
	return answer, nil
}

func (r *Runtime) ImageStatus(_ context.Context, request *cri.ImageStatusRequest) (*cri.ImageStatusResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	found := r.findImage(request.Image.Image)
	if found == nil {
		return &cri.ImageStatusResponse{}, nil
	}
	answer := &cri.ImageStatusResponse{Image: found.shown()}
	if request.Verbose {
		spec := map[string]any{"architecture": "amd64", "os": found.OS, "os.version": found.OSVersion}
		text, err := json.Marshal(map[string]any{"chainID": found.ID, "imageSpec": spec})
		if err != nil {
			return nil, err
		}
		answer.Info = map[string]string{"info": string(text)}
	}
	return answer, nil
}

func (r *Runtime) PullImage(_ context.Context, request *cri.PullImageRequest) (*cri.PullImageResponse, error) {
	name := request.Image.Image
	r.lock.Lock()
	defer r.lock.Unlock()
	if found := r.findImage(name); found != nil {
		return &cri.PullImageResponse{ImageRef: found.ID}, nil
	}
	return nil, status.Errorf(codes.NotFound, "failed to pull and unpack image %q: %v", name, errNoRegistry(name))
}

func (r *Runtime) RemoveImage(_ context.Context, request *cri.RemoveImageRequest) (*cri.RemoveImageResponse, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if found := r.findImage(request.Image.Image); found != nil {
		r.removeImage(found.ID)
	}
	return &cri.RemoveImageResponse{}, nil
}

func (r *Runtime) ImageFsInfo(context.Context, *cri.ImageFsInfoRequest) (*cri.ImageFsInfoResponse, error) {
	usage := []*cri.FilesystemUsage{{
		Timestamp: now(), FsId: &cri.FilesystemIdentifier{Mountpoint: r.settings.Root},
		UsedBytes: &cri.UInt64Value{Value: 1 << 30}, InodesUsed: &cri.UInt64Value{Value: 1000},
	}}
	return &cri.ImageFsInfoResponse{ImageFilesystems: usage, ContainerFilesystems: usage}, nil
}
