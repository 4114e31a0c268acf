"""The systemd unit in which the daemon runs with the least power, as text.

Scored offline by `systemd-analyze security`; whether every restriction holds on a given host is for that host to show.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

WATCHDOG_SECONDS: Final = 120
NAME: Final = "bullion.service"
_UNIT: Final = """\
# {name}: save as /etc/systemd/system/{name}, then: systemctl daemon-reload && systemctl enable --now bullion
# Passwords: NAME=value lines in /etc/bullion/secrets.env (mode 0600, owner root), named in /etc/bullion/config.toml
# as password_env, secret_env or url_env.
[Unit]
Description=Bullion, a monitor of physical versus paper metal
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
EnvironmentFile=-/etc/bullion/secrets.env
Environment=PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Its check of the processor writes and executes memory, which MemoryDenyWriteExecute forbids.
Environment=POLARS_SKIP_CPU_CHECK=1
Restart=always
RestartSec=5
WatchdogSec={watchdog}
TimeoutStartSec=30min
TimeoutStopSec=30

DynamicUser=yes
StateDirectory=bullion
StateDirectoryMode=0700
ConfigurationDirectory=bullion
UMask=0077
MemoryMax=2G
TasksMax=128
LimitCORE=0

CapabilityBoundingSet=
AmbientCapabilities=
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome={protect_home}
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
DevicePolicy=closed
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @obsolete @clock @cpu-emulation @debug @module @mount @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""


def unit(command: Sequence[str]) -> str:
    """The unit that runs `command`, a program by its full path and its arguments; state lies in /var/lib/bullion."""
    is_at_home = command[0].startswith(("/home/", "/root/"))
    return _UNIT.format(
        name=NAME,
        command=" ".join(shlex.quote(word).replace("%", "%%") for word in command),
        watchdog=WATCHDOG_SECONDS,
        protect_home="read-only" if is_at_home else "yes",
    )
