/*
 * labscm.exe: the service manager of a lab host (Wine's own), spoken to through the real Win32 calls.
 *
 * Wine's sc.exe knows a few verbs and prints little; this tool does each verb and prints what lab/windows/services.py
 * reads: `ERROR n` with the Win32 error, or for every service one line of key=value fields parted by tabs.
 *
 *   labscm list | query NAME
 *   labscm watch              (the list every second, an empty line after each, until it is ended)
 *   labscm create NAME DISPLAY BINARY START DEPENDS     (START: auto demand disabled; DEPENDS: names parted by /)
 *   labscm config NAME DISPLAY BINARY START DEPENDS     ("-" leaves a field as it is)
 *   labscm describe NAME TEXT
 *   labscm start NAME | stop NAME | delete NAME
 *
 * Wine's service manager goes on calling a service running whose process has ended, and can tell dependencies only
 * through the registry. Whenever this tool looks at a service it puts both right.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

/* By which Wine's own SetServiceStatus opens a service. */
#define SERVICE_SET_STATUS 0x8000

static int fail(void)
{
    wprintf(L"ERROR %lu\n", GetLastError());
    return 1;
}

static DWORD start_type(const WCHAR *text)
{
    if (!wcscmp(text, L"auto")) return SERVICE_AUTO_START;
    if (!wcscmp(text, L"disabled")) return SERVICE_DISABLED;
    if (!wcscmp(text, L"demand")) return SERVICE_DEMAND_START;
    return SERVICE_NO_CHANGE;
}

/* A/B to the doubly terminated list that the service manager takes; NULL for "-". */
static const WCHAR *dependencies(const WCHAR *text)
{
    WCHAR *list, *p;

    if (!wcscmp(text, L"-")) return NULL;
    list = calloc(wcslen(text) + 2, sizeof(WCHAR));
    wcscpy(list, text);
    for (p = list; *p; p++)
        if (*p == '/') *p = 0;
    return list;
}

static const WCHAR *unless_dash(const WCHAR *text)
{
    return wcscmp(text, L"-") ? text : NULL;
}

/* UTF-8, whatever the console's code page. */
static void put(const WCHAR *text)
{
    char buffer[32768];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, buffer, sizeof(buffer), NULL, NULL);
    fputs(buffer, stdout);
}

/* Whether the process that the service manager started is still there. Process ids are used again quickly: the program
 * must be the one that the service names. */
static int runs(DWORD process, const WCHAR *binary)
{
    WCHAR image[MAX_PATH];
    DWORD size = MAX_PATH, code = 0;
    HANDLE handle = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, process);
    const WCHAR *file, *p;
    int found;

    if (!handle) return 0;
    found = GetExitCodeProcess(handle, &code) && code == STILL_ACTIVE && QueryFullProcessImageNameW(handle, 0, image, &size);
    CloseHandle(handle);
    if (!found) return 0;
    for (file = p = image; *p; p++)
        if (*p == '\\') file = p + 1;
    for (p = binary; *p; p++)
        if (!_wcsnicmp(p, file, wcslen(file))) return 1;
    return 0;
}

/* The doubly terminated list from the registry; whether there is one. */
static int read_dependencies(const WCHAR *name, WCHAR *list, DWORD size)
{
    WCHAR key[512] = L"System\\CurrentControlSet\\Services\\";

    wcsncat(key, name, 256);
    return !RegGetValueW(HKEY_LOCAL_MACHINE, key, L"DependOnService", RRF_RT_REG_MULTI_SZ, NULL, list, &size);
}

static void put_dependencies(const WCHAR *name)
{
    WCHAR list[2048], *p;

    if (!read_dependencies(name, list, sizeof(list))) return;
    for (p = list; *p; p += wcslen(p) + 1) {
        put(p);
        putchar('/');
    }
}

/* Tell the service manager what it has not noticed: the process has ended, in order when it was about to stop. */
static void set_stopped(SC_HANDLE manager, const WCHAR *name, SERVICE_STATUS_PROCESS *status)
{
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_SET_STATUS);
    SERVICE_STATUS stopped = {status->dwServiceType, SERVICE_STOPPED, 0, NO_ERROR, 0, 0, 0};

    if (status->dwCurrentState != SERVICE_STOP_PENDING) stopped.dwWin32ExitCode = ERROR_PROCESS_ABORTED;
    if (service) SetServiceStatus((SERVICE_STATUS_HANDLE)service, &stopped);
    if (service) CloseServiceHandle(service);
    status->dwCurrentState = SERVICE_STOPPED;
    status->dwWin32ExitCode = stopped.dwWin32ExitCode;
    status->dwProcessId = 0;
}

static int show(SC_HANDLE manager, const WCHAR *name)
{
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    BYTE buffer[8192];
    QUERY_SERVICE_CONFIGW *config = (QUERY_SERVICE_CONFIGW *)buffer;
    SERVICE_STATUS_PROCESS status;
    DWORD needed;

    if (!service) return fail();
    if (!QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&status, sizeof(status), &needed)) return fail();
    if (!QueryServiceConfigW(service, config, sizeof(buffer), &needed)) return fail();
    if (status.dwCurrentState != SERVICE_STOPPED && status.dwProcessId &&
        !runs(status.dwProcessId, config->lpBinaryPathName))
        set_stopped(manager, name, &status);
    printf("name=");
    put(name);
    printf("\tdisplay=");
    put(config->lpDisplayName ? config->lpDisplayName : name);
    printf("\tbinary=");
    put(config->lpBinaryPathName);
    printf("\taccount=");
    put(config->lpServiceStartName ? config->lpServiceStartName : L"");
    printf("\ttype=%lu\tstart=%lu\tstate=%lu\tpid=%lu\taccepts=%lu\texit=%lu\tspecific=%lu\tdepends=",
           config->dwServiceType, config->dwStartType, status.dwCurrentState, status.dwProcessId,
           status.dwControlsAccepted, status.dwWin32ExitCode, status.dwServiceSpecificExitCode);
    put_dependencies(name);
    putchar('\n');
    CloseServiceHandle(service);
    return 0;
}

static int list(SC_HANDLE manager)
{
    DWORD needed, count = 0, resume = 0, i;
    ENUM_SERVICE_STATUSW *services = malloc(262144);

    if (!EnumServicesStatusW(manager, SERVICE_WIN32, SERVICE_STATE_ALL, services, 262144, &needed, &count, &resume))
        return fail();
    for (i = 0; i < count; i++) show(manager, services[i].lpServiceName);
    free(services);
    return 0;
}

static int create(SC_HANDLE manager, WCHAR **a)
{
    SC_HANDLE service = CreateServiceW(manager, a[0], a[1], SERVICE_ALL_ACCESS, SERVICE_WIN32_OWN_PROCESS,
                                       start_type(a[3]), SERVICE_ERROR_NORMAL, a[2], NULL, NULL, dependencies(a[4]),
                                       NULL, NULL);
    return service ? 0 : fail();
}

static int change(SC_HANDLE manager, WCHAR **a)
{
    SC_HANDLE service = OpenServiceW(manager, a[0], SERVICE_CHANGE_CONFIG);
    WCHAR kept[2048] = {0};
    const WCHAR *depends = dependencies(a[4]);

    if (!service) return fail();
    /* Wine takes no list for an empty one. */
    if (!depends && read_dependencies(a[0], kept, sizeof(kept))) depends = kept;
    if (!ChangeServiceConfigW(service, SERVICE_NO_CHANGE, start_type(a[3]), SERVICE_NO_CHANGE, unless_dash(a[2]), NULL,
                              NULL, depends, NULL, NULL, unless_dash(a[1]))) return fail();
    return 0;
}

static int describe(SC_HANDLE manager, WCHAR **a)
{
    SC_HANDLE service = OpenServiceW(manager, a[0], SERVICE_CHANGE_CONFIG);
    SERVICE_DESCRIPTIONW description = {a[1]};

    if (!service) return fail();
    return ChangeServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, &description) ? 0 : fail();
}

static int control(SC_HANDLE manager, const WCHAR *verb, const WCHAR *name)
{
    SC_HANDLE service = OpenServiceW(manager, name, SERVICE_START | SERVICE_STOP | DELETE);
    SERVICE_STATUS status;
    BOOL done;

    if (!service) return fail();
    if (!wcscmp(verb, L"start")) done = StartServiceW(service, 0, NULL);
    else if (!wcscmp(verb, L"stop")) done = ControlService(service, SERVICE_CONTROL_STOP, &status);
    else done = DeleteService(service);
    return done ? 0 : fail();
}

int wmain(int argc, WCHAR **argv)
{
    SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_ALL_ACCESS);

    if (!manager) return fail();
    if (argc == 2 && !wcscmp(argv[1], L"list")) return list(manager);
    while (argc == 2 && !wcscmp(argv[1], L"watch")) {
        list(manager);
        putchar('\n');
        if (fflush(stdout)) return 0;
        Sleep(1000);
    }
    if (argc == 3 && !wcscmp(argv[1], L"query")) return show(manager, argv[2]);
    if (argc == 4 && !wcscmp(argv[1], L"describe")) return describe(manager, argv + 2);
    if (argc == 7 && !wcscmp(argv[1], L"create")) return create(manager, argv + 2);
    if (argc == 7 && !wcscmp(argv[1], L"config")) return change(manager, argv + 2);
    if (argc == 3) return control(manager, argv[1], argv[2]);
    SetLastError(ERROR_INVALID_PARAMETER);
    return fail();
}
