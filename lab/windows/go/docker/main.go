// docker of a lab host: the commands that the project uses, asked of the stand-in for dockerd over loopback ports.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const (
	api    = "http://127.0.0.1:3738"
	images = "http://127.0.0.1:3736/images"
)

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}

func call(method, address string) string {
	request, err := http.NewRequest(method, address, nil)
	if err != nil {
		fail(err.Error())
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		fail("failed to connect to the docker API at npipe:////./pipe/docker_engine: " + err.Error())
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		fail(err.Error())
	}
	if answer.StatusCode != http.StatusOK {
		fail("Error response from daemon: " + string(text))
	}
	return string(text)
}

func main() {
	words := os.Args[1:]
	switch line := strings.Join(words, " "); {
	case line == "version --format {{.Server.Version}}":
		fmt.Print(call(http.MethodGet, api+"/version"))
	case len(words) == 3 && words[0] == "load" && words[1] == "--input":
		path, err := filepath.Abs(words[2])
		if err != nil {
			fail(err.Error())
		}
		for _, name := range strings.Fields(call(http.MethodPost, images+"?"+url.Values{"archive": {path}}.Encode())) {
			if name != "saved" {
				fmt.Println("Loaded image: " + name)
			}
		}
	case strings.HasPrefix(line, "image inspect --format {{.OsVersion}} ") && len(words) == 5:
		fmt.Print(call(http.MethodGet, images+"?"+url.Values{"version": {words[4]}}.Encode()))
	case line == "system prune --all --volumes --force":
		fmt.Print(call(http.MethodPost, api+"/prune"))
	default:
		fail(fmt.Sprintf("docker %q is not modelled", words))
	}
}
