package engine

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"

	"lab/windows-stand-ins/host"
)

type outcome struct {
	Exit    int32  `json:"exit"`
	Stdout  string `json:"stdout"`
	Stderr  string `json:"stderr"`
	Timeout bool   `json:"timeout"`
}

func (r *Runtime) execute(id string, words []string, seconds int64) (*cri.ExecSyncResponse, error) {
	one, err := r.container(id)
	if err != nil {
		return nil, err
	}
	if one.state() != cri.ContainerState_CONTAINER_RUNNING {
		return nil, status.Errorf(codes.Unknown, "container is in %s state", one.state())
	}
	named := &cri.ContainerConfig{Command: words}
	argument := map[string]any{"id": id, "command": command(named, &image{}), "seconds": seconds}
	var done outcome
	if err := host.AskJSON("ContainerExec", argument, &done); err != nil {
		return nil, err
	}
	if done.Timeout {
		return nil, status.Errorf(codes.DeadlineExceeded, "failed to exec in container: timeout %ds exceeded", seconds)
	}
	answer := &cri.ExecSyncResponse{ExitCode: done.Exit}
	if answer.Stdout, err = base64.StdEncoding.DecodeString(done.Stdout); err != nil {
		return nil, err
	}
	answer.Stderr, err = base64.StdEncoding.DecodeString(done.Stderr)
	return answer, err
}

func (r *Runtime) ExecSync(_ context.Context, request *cri.ExecSyncRequest) (*cri.ExecSyncResponse, error) {
	return r.execute(request.ContainerId, request.Cmd, request.Timeout)
}

func (r *Runtime) Exec(_ context.Context, request *cri.ExecRequest) (*cri.ExecResponse, error) {
	return r.streams.GetExec(request)
}

// streamer is what the streaming server calls; it must not be named like the methods of the CRI above.
type streamer struct{ *Runtime }

// Exec runs a command to its end and then hands over its output; it is given no input.
func (s streamer) Exec(_ context.Context, id string, words []string, _ io.Reader, out, errors io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize) error {
	done, err := s.execute(id, words, 0)
	if err != nil {
		return err
	}
	if out != nil {
		_, _ = out.Write(done.Stdout)
	}
	if errors != nil {
		_, _ = errors.Write(done.Stderr)
	}
	if done.ExitCode != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("exit code %d", done.ExitCode), Code: int(done.ExitCode)}
	}
	return nil
}

func (s streamer) Attach(context.Context, string, io.Reader, io.WriteCloser, io.WriteCloser, bool, <-chan remotecommand.TerminalSize) error {
	return fmt.Errorf("attach is not modelled")
}

func (s streamer) PortForward(context.Context, string, int32, io.ReadWriteCloser) error {
	return fmt.Errorf("port-forward is not modelled")
}
