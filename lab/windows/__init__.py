"""The lab's Windows hosts: real Windows programs under Wine, one network namespace each, reached over SSH."""
