// Package host asks the lab's Windows host for what Wine lacks, on the loopback port of lab/windows/loopback.py.
package host

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

const (
	address = "127.0.0.1:3734"
	noGUID  = "00000000-0000-0000-0000-000000000000"
)

// Ask does a function of the host with a text for an argument, and returns the GUID and the text it answers with.
func Ask(function, guid, text string) (string, string, error) {
	if guid == "" {
		guid = noGUID
	}
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return "", "", err
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "%s %s\n%s", function, guid, text); err != nil {
		return "", "", err
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		return "", "", err
	}
	received, err := io.ReadAll(connection)
	if err != nil {
		return "", "", err
	}
	head, body, _ := strings.Cut(string(received), "\n")
	code, found, _ := strings.Cut(head, " ")
	result, err := strconv.ParseUint(code, 16, 32)
	if err != nil {
		return "", "", fmt.Errorf("%s: the host answered %q", function, head)
	}
	if result&0x80000000 != 0 {
		return "", "", fmt.Errorf("%s failed with 0x%08x: %s", function, result, body)
	}
	return found, body, nil
}

// AskJSON does a function whose argument is JSON, and reads its JSON answer into answer unless that is nil.
func AskJSON(function string, argument, answer any) error {
	text, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	_, body, err := Ask(function, "", string(text))
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal([]byte(body), answer)
}
