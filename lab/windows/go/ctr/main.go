// ctr of a lab host: the commands that the project uses, asked of the stand-in for containerd over a loopback port.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

const images = "http://127.0.0.1:3736/images"

func fail(text string) {
	fmt.Fprintln(os.Stderr, "ctr: "+text)
	os.Exit(1)
}

func call(method string, query url.Values) {
	request, err := http.NewRequest(method, images+"?"+query.Encode(), nil)
	if err != nil {
		fail(err.Error())
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		fail(`failed to dial "\\\\.\\pipe\\containerd-containerd": ` + err.Error())
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		fail(err.Error())
	}
	if answer.StatusCode != http.StatusOK {
		fail(string(text))
	}
	os.Stdout.Write(text)
}

func main() {
	words := os.Args[1:]
	if len(words) < 4 || words[0] != "-n" || words[1] != "k8s.io" || words[2] != "images" {
		fail(fmt.Sprintf("%q is not modelled: only -n k8s.io images ...", words))
	}
	verb, rest := words[3], words[4:]
	switch {
	case verb == "import" && len(rest) == 1:
		path, err := filepath.Abs(rest[0])
		if err != nil {
			fail(err.Error())
		}
		call(http.MethodPost, url.Values{"archive": {path}})
	case verb == "ls" && len(rest) == 1 && rest[0] == "-q":
		call(http.MethodGet, nil)
	case verb == "rm" && len(rest) > 1 && rest[0] == "--sync":
		for _, name := range rest[1:] {
			call(http.MethodDelete, url.Values{"name": {name}})
		}
	default:
		fail(fmt.Sprintf("images %s %q is not modelled", verb, rest))
	}
}
