<#
.SYNOPSIS
Makes PowerShell on Linux or macOS enough like Windows for Invoke-WithStubs.ps1, and runs it; never used on Windows.

.DESCRIPTION
Drive C: is a folder. A drive of PowerShell is known to cmdlets and to "&", not to .NET: so the copies of the scripts that
are run here say [Casement.Stub.File] where the scripts say [System.IO.File], which is the only text that is changed, with the two socket classes, which reach nobody here.
[Casement.Hns] is there before a script looks for it and asks a program of stub_programs.py.

.PARAMETER Root
The folder that holds the drives, as one-letter folders.

.PARAMETER Path
Path of the script.

.PARAMETER SleepLimit
How often it may sleep before it is ended, as by a power cut.

.EXAMPLE
pwsh -NoProfile -File Start-Pwsh.ps1 -Root /tmp/x -Path C:\k\casement\windows\Open-Firewall.ps1 -SleepLimit 300
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Root,
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [int] $SleepLimit
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Add-Type -TypeDefinition @'
using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace Casement.Stub
{
    public static class File
    {
        public static string Map(string path)
        {
            if (path.Length < 2 || path[1] != ':') { return path; }
            string below = path.Substring(2).Replace('\\', '/').TrimStart('/');
            return Path.Combine(Environment.GetEnvironmentVariable("STUB_ROOT"), path.Substring(0, 1), below);
        }

        public static bool Exists(string path) { return System.IO.File.Exists(Map(path)); }

        public static void Delete(string path) { System.IO.File.Delete(Map(path)); }

        public static void Move(string from, string to) { System.IO.File.Move(Map(from), Map(to)); }

        public static void Copy(string from, string to, bool over) { System.IO.File.Copy(Map(from), Map(to), over); }

        public static string ReadAllText(string path) { return System.IO.File.ReadAllText(Map(path)); }

        public static string[] ReadAllLines(string path) { return System.IO.File.ReadAllLines(Map(path)); }

        public static byte[] ReadAllBytes(string path) { return System.IO.File.ReadAllBytes(Map(path)); }

        public static void WriteAllText(string path, string text) { System.IO.File.WriteAllText(Map(path), text); }

        public static void WriteAllBytes(string path, byte[] data) { System.IO.File.WriteAllBytes(Map(path), data); }

        public static void AppendAllText(string path, string text) { System.IO.File.AppendAllText(Map(path), text); }

        public static FileStream Create(string path) { return System.IO.File.Create(Map(path)); }

        public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
        {
            return System.IO.File.Open(Map(path), mode, access, share);
        }
    }

    public class TcpClient
    {
        public Task ConnectAsync(string host, int port)
        {
            return Task.FromException(new SocketException((int)SocketError.ConnectionRefused));
        }

        public void Close() { }
    }

    public class UdpClient
    {
        private readonly int port;
        private bool asked;

        public UdpClient(int port) { this.port = port; }

        public bool DontFragment { get; set; }

        public int Send(byte[] data, int length, string host, int to)
        {
            string[] words = Encoding.ASCII.GetString(data).Split(' ');
            System.IO.File.WriteAllText(File.Map("C:\\sent.txt"), String.Join(" ", words, 0, 3));
            return length;
        }

        public int Send(byte[] data, int length, IPEndPoint to) { return Send(data, length, "", 0); }

        public Task<UdpReceiveResult> ReceiveAsync()
        {
            if (port != 0 && asked)
            {
                return Task.FromException<UdpReceiveResult>(new InvalidOperationException("the stubs are out of time"));
            }
            asked = true;
            string text = (port == 0 ? "casement-answer 1 64 " : "casement-ask 1 64 ").PadRight(64, '.');
            IPEndPoint from = new IPEndPoint(IPAddress.Parse("10.77.0.11"), 5);
            return Task.FromResult(new UdpReceiveResult(Encoding.ASCII.GetBytes(text), from));
        }

        public void Close() { }
    }
}

namespace Casement
{
    public static class Hns
    {
        public static string Call(string method, string path, string body)
        {
            ProcessStartInfo start = new ProcessStartInfo(Path.Combine(Environment.GetEnvironmentVariable("STUB_ROOT"), "bin", "hns"));
            start.ArgumentList.Add(method);
            start.ArgumentList.Add(path);
            start.ArgumentList.Add(body);
            start.RedirectStandardOutput = true;
            using (Process process = Process.Start(start))
            {
                string answer = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                return answer;
            }
        }
    }
}
'@

# Exit codes of Windows are longer than those of Linux; a function is found before a program.
foreach ($name in @('sc.exe', 'shutdown.exe')) {
    $program = Join-Path -Path $Root -ChildPath "bin/$name"
    $codeFile = Join-Path -Path $Root -ChildPath 'bin/exit-code'
    $body = {
        & $program @args
        $global:LASTEXITCODE = [int](Get-Content -LiteralPath $codeFile -Raw)
    }.GetNewClosure()
    $null = New-Item -Path "function:global:$name" -Value $body -Force
}

$null = New-PSDrive -Name 'C' -PSProvider FileSystem -Root (Join-Path -Path $Root -ChildPath 'C') -Scope Global
& 'C:\stub\Invoke-WithStubs.ps1' -Path $Path -SleepLimit $SleepLimit
exit $LASTEXITCODE
