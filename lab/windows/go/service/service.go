// Package service registers and runs a Go program as a Windows service, as containerd and dockerd do it themselves.
package service

import (
	"log"
	"os"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

// Register makes the service as both do: this program with --run-service and the words it was called with.
func Register(name, display, description string, words []string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	manager, err := mgr.Connect()
	if err != nil {
		return err
	}
	defer manager.Disconnect()
	arguments := []string{"--run-service"}
	for _, word := range words {
		if word != "--register-service" {
			arguments = append(arguments, word)
		}
	}
	service, err := manager.CreateService(name, program, mgr.Config{
		ServiceType:  windows.SERVICE_WIN32_OWN_PROCESS,
		StartType:    mgr.StartAutomatic,
		ErrorControl: mgr.ErrorNormal,
		DisplayName:  display,
		Description:  description,
	}, arguments...)
	if err != nil {
		return err
	}
	return service.Close()
}

// Unregister takes the service away.
func Unregister(name string) error {
	manager, err := mgr.Connect()
	if err != nil {
		return err
	}
	defer manager.Disconnect()
	service, err := manager.OpenService(name)
	if err != nil {
		return err
	}
	defer service.Close()
	return service.Delete()
}

type handler struct {
	start func() error
}

// Execute runs until the service manager asks to stop, or the servers have failed.
func (h handler) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending}
	failed := make(chan error, 1)
	go func() { failed <- h.start() }()
	select {
	case err := <-failed:
		log.Fatal(err)
	case <-time.After(200 * time.Millisecond):
	}
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case err := <-failed:
			log.Fatal(err)
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				return false, 0
			}
		}
	}
}

// Run is the program as a service; start returns only when it has failed.
func Run(name string, start func() error) error {
	return svc.Run(name, handler{start})
}
