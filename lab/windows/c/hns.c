/*
 * vmcompute.dll and computenetwork.dll of a lab host: both names, one source.
 *
 * Windows keeps its container networks in the Host Networking Service; Wine has none. Every function here hands its
 * arguments, unread, to the model of that service (lab/windows/hns.py), which listens on a loopback port of the host:
 *
 *   request:  FUNCTION GUID\n  and the JSON text, then end of stream
 *   response: HRESULT GUID\n   and the JSON text, then end of stream
 *
 * A handle is a pointer to the GUID of the object it was opened for.
 */
#include <winsock2.h>
#include <windows.h>
#include <objbase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_PORT 3734
#define API __declspec(dllexport) HRESULT WINAPI
#define SERVICE_NOT_RUNNING HRESULT_FROM_WIN32(ERROR_SERVICE_NOT_ACTIVE)

static SOCKET connect_to_model(void)
{
    struct sockaddr_in address;
    WSADATA data;
    SOCKET s;

    if (WSAStartup(MAKEWORD(2, 2), &data)) return INVALID_SOCKET;
    s = socket(AF_INET, SOCK_STREAM, 0);
    if (s == INVALID_SOCKET) return s;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_port = htons(MODEL_PORT);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(s, (struct sockaddr *)&address, sizeof(address)) == 0) return s;
    closesocket(s);
    return INVALID_SOCKET;
}

static int send_all(SOCKET s, const char *text, int length)
{
    while (length > 0) {
        int sent = send(s, text, length, 0);
        if (sent <= 0) return 0;
        text += sent;
        length -= sent;
    }
    return 1;
}

/* Everything up to the end of the stream, with a zero behind it; freed by the caller. */
static char *receive_all(SOCKET s)
{
    size_t used = 0, size = 65536;
    char *buffer = malloc(size);
    int got;

    while (buffer && (got = recv(s, buffer + used, (int)(size - used - 1), 0)) > 0) {
        used += (size_t)got;
        if (size - used < 4096) buffer = realloc(buffer, size *= 2);
    }
    if (buffer) buffer[used] = 0;
    return buffer;
}

static char *narrow(LPCWSTR text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, NULL, 0, NULL, NULL);
    char *made = malloc((size_t)size);
    if (made) WideCharToMultiByte(CP_UTF8, 0, text ? text : L"", -1, made, size, NULL, NULL);
    return made;
}

/* Windows hands strings over in memory that the caller frees with CoTaskMemFree. */
static LPWSTR widen(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    LPWSTR made = CoTaskMemAlloc((SIZE_T)size * sizeof(WCHAR));
    if (made) MultiByteToWideChar(CP_UTF8, 0, text, -1, made, size);
    return made;
}

static void print_guid(char *text, const GUID *id)
{
    sprintf(text, "%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", id->Data1, id->Data2, id->Data3, id->Data4[0],
            id->Data4[1], id->Data4[2], id->Data4[3], id->Data4[4], id->Data4[5], id->Data4[6], id->Data4[7]);
}

static void read_guid(GUID *id, const char *text)
{
    unsigned int a, b, c, d[8];
    int i;

    if (sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &a, &b, &c, d, d + 1, d + 2, d + 3, d + 4, d + 5, d + 6,
               d + 7) != 11) return;
    id->Data1 = a;
    id->Data2 = (unsigned short)b;
    id->Data3 = (unsigned short)c;
    for (i = 0; i < 8; i++) id->Data4[i] = (unsigned char)d[i];
}

/* One question to the model. `id` is sent and filled in again; the answer's text goes to `output` or, when the call
 * failed, to `failure`. Either may be NULL. */
static HRESULT ask(const char *function, GUID *id, LPCWSTR text, LPWSTR *output, LPWSTR *failure)
{
    char head[128], guid[40], *body, *answer, *rest;
    SOCKET s = connect_to_model();
    HRESULT hr;

    if (output) *output = NULL;
    if (failure) *failure = NULL;
    if (s == INVALID_SOCKET) return SERVICE_NOT_RUNNING;
    print_guid(guid, id);
    sprintf(head, "%s %s\n", function, guid);
    body = narrow(text);
    send_all(s, head, (int)strlen(head));
    send_all(s, body, (int)strlen(body));
    shutdown(s, SD_SEND);
    answer = receive_all(s);
    closesocket(s);
    free(body);
    if (!answer || !(rest = strchr(answer, '\n'))) {
        free(answer);
        return SERVICE_NOT_RUNNING;
    }
    *rest++ = 0;
    hr = (HRESULT)strtoul(answer, NULL, 16);
    if (strlen(answer) > 9) read_guid(id, answer + 9);
    if (SUCCEEDED(hr) && output) *output = widen(rest);
    if (FAILED(hr) && failure && *rest) *failure = widen(rest);
    free(answer);
    return hr;
}

static HANDLE handle_of(const GUID *id)
{
    GUID *made = malloc(sizeof(GUID));
    if (made) *made = *id;
    return made;
}

static GUID guid_of(HANDLE handle)
{
    static const GUID none;
    return handle ? *(GUID *)handle : none;
}

API HNSCall(LPCWSTR method, LPCWSTR path, LPCWSTR object, LPWSTR *response)
{
    static const GUID none;
    GUID id = none;
    WCHAR *text = malloc((wcslen(method) + wcslen(path) + wcslen(object ? object : L"") + 3) * sizeof(WCHAR));
    HRESULT hr;

    wcscpy(text, method);
    wcscat(text, L" ");
    wcscat(text, path);
    wcscat(text, L"\n");
    wcscat(text, object ? object : L"");
    hr = ask("HNSCall", &id, text, response, NULL);
    free(text);
    return hr;
}

API HcnCreateEndpoint(HANDLE network, GUID *id, LPCWSTR settings, HANDLE *handle, LPWSTR *error)
{
    HRESULT hr = ask("HcnCreateEndpoint", id, settings, NULL, error);
    if (SUCCEEDED(hr)) *handle = handle_of(id);
    return hr;
}

#define CREATE(kind)                                                                                                  \
    API HcnCreate##kind(GUID *id, LPCWSTR settings, HANDLE *handle, LPWSTR *error)                                    \
    {                                                                                                                 \
        HRESULT hr = ask("HcnCreate" #kind, id, settings, NULL, error);                                               \
        if (SUCCEEDED(hr)) *handle = handle_of(id);                                                                   \
        return hr;                                                                                                    \
    }

#define ENUMERATE(kind, plural)                                                                                       \
    API HcnEnumerate##plural(LPCWSTR query, LPWSTR *list, LPWSTR *error)                                              \
    {                                                                                                                 \
        static const GUID none;                                                                                       \
        GUID id = none;                                                                                               \
        return ask("HcnEnumerate" #plural, &id, query, list, error);                                                  \
    }

#define OBJECT(kind)                                                                                                  \
    API HcnOpen##kind(GUID *id, HANDLE *handle, LPWSTR *error)                                                        \
    {                                                                                                                 \
        HRESULT hr = ask("HcnOpen" #kind, id, NULL, NULL, error);                                                     \
        if (SUCCEEDED(hr)) *handle = handle_of(id);                                                                   \
        return hr;                                                                                                    \
    }                                                                                                                 \
    API HcnModify##kind(HANDLE handle, LPCWSTR settings, LPWSTR *error)                                               \
    {                                                                                                                 \
        GUID id = guid_of(handle);                                                                                    \
        return ask("HcnModify" #kind, &id, settings, NULL, error);                                                    \
    }                                                                                                                 \
    API HcnQuery##kind##Properties(HANDLE handle, LPCWSTR query, LPWSTR *properties, LPWSTR *error)                   \
    {                                                                                                                 \
        GUID id = guid_of(handle);                                                                                    \
        return ask("HcnQuery" #kind "Properties", &id, query, properties, error);                                     \
    }                                                                                                                 \
    API HcnDelete##kind(GUID *id, LPWSTR *error)                                                                      \
    {                                                                                                                 \
        return ask("HcnDelete" #kind, id, NULL, NULL, error);                                                         \
    }                                                                                                                 \
    API HcnClose##kind(HANDLE handle)                                                                                 \
    {                                                                                                                 \
        free(handle);                                                                                                 \
        return S_OK;                                                                                                  \
    }

CREATE(Network)
CREATE(Namespace)
CREATE(LoadBalancer)
CREATE(SdnRoute)
ENUMERATE(Network, Networks)
ENUMERATE(Endpoint, Endpoints)
ENUMERATE(Namespace, Namespaces)
ENUMERATE(LoadBalancer, LoadBalancers)
ENUMERATE(SdnRoute, SdnRoutes)
OBJECT(Network)
OBJECT(Endpoint)
OBJECT(Namespace)
OBJECT(LoadBalancer)
OBJECT(SdnRoute)

/*
 * Compute systems, which is what HCS calls containers: only so much that a network endpoint can be put into one by its name,
 * as version 1 of the HNS API has it for Docker's containers. A handle is the name; nothing ever happens to call back for.
 */
static HRESULT ask_system(const char *function, LPCWSTR name, LPCWSTR settings, LPWSTR *output, LPWSTR *result)
{
    GUID id;
    WCHAR *text = malloc((wcslen(name) + wcslen(settings ? settings : L"") + 2) * sizeof(WCHAR));
    HRESULT hr;

    memset(&id, 0, sizeof(id));
    wcscpy(text, name);
    wcscat(text, L"\n");
    wcscat(text, settings ? settings : L"");
    hr = ask(function, &id, text, output, result);
    free(text);
    return hr;
}

API HcsOpenComputeSystem(LPCWSTR name, HANDLE *system, LPWSTR *result)
{
    HRESULT hr = ask_system("ComputeSystemOpen", name, NULL, NULL, result);
    if (SUCCEEDED(hr)) *system = _wcsdup(name);
    return hr;
}

API HcsCloseComputeSystem(HANDLE system)
{
    free(system);
    return S_OK;
}

API HcsGetComputeSystemProperties(HANDLE system, LPCWSTR query, LPWSTR *properties, LPWSTR *result)
{
    return ask_system("ComputeSystemQuery", system, query, properties, result);
}

API HcsModifyComputeSystem(HANDLE system, LPCWSTR settings, LPWSTR *result)
{
    return ask_system("ComputeSystemModify", system, settings, NULL, result);
}

API HcsRegisterComputeSystemCallback(HANDLE system, void *callback, void *context, HANDLE *registration)
{
    *registration = system;
    return S_OK;
}

API HcsUnregisterComputeSystemCallback(HANDLE registration)
{
    return S_OK;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    return TRUE;
}
