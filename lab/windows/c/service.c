/*
 * labservice.exe NAME: a Windows service that does nothing but run until it is stopped.
 *
 * It stands for services of Windows that Wine lacks and a script may ask for: hns, w32time, WinDefend.
 */
#include <windows.h>

static SERVICE_STATUS_HANDLE handle;
static HANDLE stopped;

static void report(DWORD state, DWORD accepted)
{
    SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, accepted, NO_ERROR, 0, 0, 0};
    SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, LPVOID data, LPVOID context)
{
    if (code == SERVICE_CONTROL_STOP || code == SERVICE_CONTROL_SHUTDOWN) SetEvent(stopped);
    return NO_ERROR;
}

static void WINAPI run(DWORD argc, LPWSTR *argv)
{
    stopped = CreateEventW(NULL, TRUE, FALSE, NULL);
    handle = RegisterServiceCtrlHandlerExW(argv[0], control, NULL);
    report(SERVICE_RUNNING, SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN);
    WaitForSingleObject(stopped, INFINITE);
    report(SERVICE_STOPPED, 0);
}

int main(void)
{
    SERVICE_TABLE_ENTRYW table[] = {{L"", run}, {NULL, NULL}};
    return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
