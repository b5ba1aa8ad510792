/*
 * pdh.dll of a lab host: performance counters as the kubelet reads them, which Wine answers with errors.
 *
 * Two counters exist, told apart by their handle: processor time (5 percent) and everything else, taken as free
 * memory in bytes (1 GB). Each is an array of one instance, "_Total".
 */
#include <windows.h>

#define API __declspec(dllexport) LONG WINAPI
#define PROCESSOR ((HANDLE)2)
#define MEMORY ((HANDLE)3)
#define PDH_MORE_DATA ((LONG)0x800007D2L)

typedef struct {
    DWORD status;
    union {
        LONG as_long;
        double as_double;
        LONGLONG as_large;
    };
} counter_value;

typedef struct {
    LPWSTR name;
    counter_value value;
} counter_item;

static WCHAR total[] = L"_Total";

static void fill(HANDLE counter, counter_value *value)
{
    value->status = 0;
    value->as_double = counter == PROCESSOR ? 5.0 : 1.0e9;
}

API PdhOpenQuery(ULONG_PTR source, ULONG_PTR user, HANDLE *query)
{
    *query = (HANDLE)1;
    return 0;
}

API PdhOpenQueryW(ULONG_PTR source, ULONG_PTR user, HANDLE *query)
{
    return PdhOpenQuery(source, user, query);
}

API PdhAddCounterW(HANDLE query, LPCWSTR path, ULONG_PTR user, HANDLE *counter)
{
    *counter = wcsstr(path, L"Processor") ? PROCESSOR : MEMORY;
    return 0;
}

API PdhAddEnglishCounterW(HANDLE query, LPCWSTR path, ULONG_PTR user, HANDLE *counter)
{
    return PdhAddCounterW(query, path, user, counter);
}

API PdhCollectQueryData(HANDLE query)
{
    return 0;
}

API PdhCloseQuery(HANDLE query)
{
    return 0;
}

API PdhValidatePathW(LPCWSTR path)
{
    return 0;
}

API PdhGetFormattedCounterValue(HANDLE counter, DWORD format, DWORD *type, counter_value *value)
{
    fill(counter, value);
    return 0;
}

API PdhGetFormattedCounterArrayW(HANDLE counter, DWORD format, DWORD *size, DWORD *count, counter_item *items)
{
    LONG result = *size < 2 * sizeof(counter_item) ? PDH_MORE_DATA : 0;

    *count = 1;
    *size = 2 * sizeof(counter_item);
    if (result) return result;
    items[0].name = total;
    fill(counter, &items[0].value);
    return 0;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    return TRUE;
}
