"""The few lines a supervisor prints: what starts, what is up, what died, where to go. In the person's language."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

ZH = {
    "data": "数据目录 {data}",
    "left_overs": "已停止上次运行遗留的进程：{pids}",
    "up": "{name} 已就绪",
    "ended": "{name} 已退出（{exit}），{delay:.1f} 秒后重新启动。日志：{log}",
    "not_started": "{name} 无法启动：{why}",
    "step": "{name} 完成",
    "step_failed": "{why}（其余照常运行）",
    "all_up": "全部就绪：{url}（数采网关 {gateway}）。按 Ctrl-C 停止。",
    "slow": "仍在等待：{names}。日志目录：{logs}",
    "disk_full": "磁盘将满：网关将停止应答数据包，直到腾出空间。数据目录 {data}",
    "disk_room": "磁盘已有空间：重新启动日志服务，网关将继续应答。",
    "stopping": "正在停止……",
    "stopped": "已全部停止。",
}
EN = {
    "data": "data folder {data}",
    "left_overs": "stopped what an earlier run had left behind: {pids}",
    "up": "{name} is up",
    "ended": "{name} ended ({exit}); starting it again in {delay:.1f} s. Its log: {log}",
    "not_started": "{name} cannot start: {why}",
    "step": "{name} done",
    "step_failed": "{why} (the rest goes on)",
    "all_up": "everything is up: {url} (gateway {gateway}). Ctrl-C stops it.",
    "slow": "still waiting for {names}. Logs: {logs}",
    "disk_full": "the disk is nearly full: the gateway stops acknowledging until there is room. Data folder {data}",
    "disk_room": "the disk has room again: starting the log anew, the gateway goes on.",
    "stopping": "stopping …",
    "stopped": "everything has stopped.",
}


@dataclass(kw_only=True)
class Narrator:
    """Prints sentences by name, each with the seconds since the start."""

    language: str
    began: float = field(default_factory=time.monotonic)

    def say(self, sentence: str, **fields: object) -> None:
        words = (ZH if self.language == "zh" else EN)[sentence].format_map(fields)
        self.write(f"{time.monotonic() - self.began:6.1f} s  {words}")

    def write(self, text: str) -> None:
        """Print a line; a terminal that went away is no reason to die."""
        try:
            print(text, flush=True)
        except OSError:
            sys.stdout = sys.stderr
