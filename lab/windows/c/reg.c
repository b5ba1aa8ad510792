/*
 * labreg.exe: the registry of a lab host (Wine's own), value by value and byte by byte, for lab/windows/registry.py.
 *
 *   labreg get KEY            every value of a key: NAME <tab> TYPE <tab> bytes in hexadecimal, one on a line
 *   labreg set KEY NAME TYPE HEX    makes the key too
 *   labreg make KEY | delete KEY | delete KEY NAME
 *
 * A key is HKLM\... or HKCU\...; a failure prints `ERROR n` with the Win32 error.
 */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_VALUE 65536

static int fail(LSTATUS status)
{
    printf("ERROR %ld\n", status);
    return 1;
}

static HKEY root_of(const WCHAR *key)
{
    return !wcsncmp(key, L"HKCU\\", 5) ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE;
}

static void put(const WCHAR *text)
{
    char buffer[32768];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, buffer, sizeof(buffer), NULL, NULL);
    fputs(buffer, stdout);
}

static int get(const WCHAR *path)
{
    static BYTE data[MAX_VALUE];
    WCHAR name[16384];
    DWORD index, type, size, length, i;
    HKEY key;
    LSTATUS status = RegOpenKeyExW(root_of(path), path + 5, 0, KEY_READ, &key);

    if (status) return fail(status);
    for (index = 0;; index++) {
        length = 16384;
        size = MAX_VALUE;
        status = RegEnumValueW(key, index, name, &length, NULL, &type, data, &size);
        if (status == ERROR_NO_MORE_ITEMS) return 0;
        if (status) return fail(status);
        put(name);
        printf("\t%lu\t", type);
        for (i = 0; i < size; i++) printf("%02x", data[i]);
        putchar('\n');
    }
}

static int set(const WCHAR *path, const WCHAR *name, DWORD type, const WCHAR *hex)
{
    static BYTE data[MAX_VALUE];
    DWORD size = 0;
    unsigned int byte;
    HKEY key;
    LSTATUS status = RegCreateKeyExW(root_of(path), path + 5, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL);

    if (status) return fail(status);
    for (; hex[0] && hex[1] && size < MAX_VALUE && swscanf(hex, L"%2x", &byte) == 1; hex += 2) data[size++] = (BYTE)byte;
    status = RegSetValueExW(key, name, 0, type, data, size);
    return status ? fail(status) : 0;
}

static int drop(const WCHAR *path, const WCHAR *name)
{
    HKEY key;
    LSTATUS status;

    if (!name) status = RegDeleteTreeW(root_of(path), path + 5);
    else if (!(status = RegOpenKeyExW(root_of(path), path + 5, 0, KEY_ALL_ACCESS, &key)))
        status = RegDeleteValueW(key, name);
    return status ? fail(status) : 0;
}

static int make(const WCHAR *path)
{
    HKEY key;
    LSTATUS status = RegCreateKeyExW(root_of(path), path + 5, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL);

    return status ? fail(status) : 0;
}

int wmain(int argc, WCHAR **argv)
{
    if (argc == 3 && !wcscmp(argv[1], L"get")) return get(argv[2]);
    if (argc == 3 && !wcscmp(argv[1], L"make")) return make(argv[2]);
    if (argc == 6 && !wcscmp(argv[1], L"set")) return set(argv[2], argv[3], wcstoul(argv[4], NULL, 10), argv[5]);
    if ((argc == 3 || argc == 4) && !wcscmp(argv[1], L"delete")) return drop(argv[2], argc == 4 ? argv[3] : NULL);
    return fail(ERROR_INVALID_PARAMETER);
}
