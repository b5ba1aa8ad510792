<#
.SYNOPSIS
Processes and the clock. Part of the module Stubs.
.DESCRIPTION
A process that is started is started for good: its program runs to its end at once, and leaves the rows that tell what
it would have made (stub_programs.py). Nobody waits: Start-Sleep counts instead, and ends a script that waits in vain.
#>
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$script:Slept = 0
$script:SleepLimit = 300

function Set-StubSleepLimit {
    <#
    .SYNOPSIS
    How often a script may sleep before it is ended, as by a power cut.
    #>
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)] [int] $Limit)
    $script:SleepLimit = $Limit
}

function Start-Sleep {
    <#
    .SYNOPSIS
    Stub of Start-Sleep. While a script sleeps, the tasks that it has started come to their end.
    #>
    [CmdletBinding()]
    param([int] $Seconds = 0, [int] $Milliseconds = 0)
    $script:Slept = $script:Slept + 1
    if ($script:Slept -gt $script:SleepLimit) { throw "the stubs are out of time after $($script:SleepLimit) pauses" }
    Complete-StubTask
}

function Get-Process {
    <#
    .SYNOPSIS
    Stub of Get-Process.
    #>
    [CmdletBinding()]
    param([string[]] $Name = @(), [int[]] $Id = @())
    $rows = @(Get-StubRow -Table 'processes')
    if ($Id.Count -gt 0) {
        $rows = @($rows | Where-Object { $Id -contains $_.Id })
        if ($rows.Count -eq 0) {
            Write-Error -Message "Cannot find a process with the process identifier $($Id -join ', ')." -Category ObjectNotFound
            return
        }
    }
    if ($Name.Count -gt 0) {
        $rows = @($rows | Where-Object { $Name -contains $_.Name })
        if ($rows.Count -eq 0) {
            Write-Error -Message "Cannot find a process with the name '$($Name -join ', ')'." -Category ObjectNotFound
            return
        }
    }
    foreach ($row in $rows) {
        $path = "C:\windows\system32\$($row.Name).exe"
        if ($row.PSObject.Properties['Path']) { $path = $row.Path }
        [pscustomobject]@{ Name = $row.Name; ProcessName = $row.Name; Id = $row.Id; Path = $path }
    }
}

function Stop-Process {
    <#
    .SYNOPSIS
    Stub of Stop-Process.
    #>
    [CmdletBinding()]
    param([int[]] $Id, [switch] $Force)
    foreach ($one in $Id) {
        $row = @(Get-StubRow -Table 'processes' -Property 'Id' -Value ([string]$one))
        if ($row.Count -eq 0) {
            Write-Error -Message "Cannot find a process with the process identifier $one." -Category ObjectNotFound
            continue
        }
        # What a task keeps running is started again at once, as another process.
        $supervised = @(Get-StubRow -Table 'tasks' -Value "casement-$($row[0].Name -replace 'd$', '')" | Where-Object { $_.State -eq 'Running' })
        if ($supervised.Count -gt 0) {
            $row[0].Id = [int]$row[0].Id + 1
            Set-StubRow -Table 'processes' -Row $row[0]
        } else {
            Remove-StubRow -Table 'processes' -Name $row[0].Name
        }
    }
}

function Start-Process {
    <#
    .SYNOPSIS
    Stub of Start-Process.
    #>
    [CmdletBinding()]
    param([string] $FilePath, [string[]] $ArgumentList = @(), [switch] $NoNewWindow, [switch] $PassThru, [switch] $Wait)
    $words = @(($ArgumentList -join ' ') -split ' ' | Where-Object { $_ })
    $null = & $FilePath @words
    if ($PassThru) { return [pscustomobject]@{ Id = 4242; HasExited = [bool]$Wait; ExitCode = 0; Handle = 1 } }
}

function Get-Acl {
    <#
    .SYNOPSIS
    Stub of Get-Acl; icacls.exe and Set-Acl leave the rows.
    #>
    [CmdletBinding()]
    param([string] $Path, [string] $LiteralPath)
    $row = @(Get-StubRow -Table 'acl' -Value ("$Path$LiteralPath" -replace '/', '\'))
    $rights = [pscustomobject]@{ AreAccessRulesProtected = ($row.Count -gt 0); Sddl = '' }
    Add-Member -InputObject $rights -MemberType ScriptMethod -Name 'SetSecurityDescriptorSddlForm' -Value {
        param([string] $Sddl)
        $this.Sddl = $Sddl
    }
    return $rights
}
