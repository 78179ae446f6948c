"""The words of the pages, in both languages."""

from html import escape

WORDS: dict[str, tuple[str, str]] = {
    "report": ("哮天 · 仿真场景报告", "Xiaotian · simulation scenarios"),
    "passed": ("通过", "passed"),
    "failed": ("未通过", "failed"),
    "back": ("全部场景", "All scenarios"),
    "map": ("实走路线", "The walked path"),
    "map_note": (
        "实线：真实轨迹；虚线：机器犬自报位置。圆环：上报的事件位置；红点：当时人员的真实位置。",
        "Solid: the true path; dashed: as the dog told it. A ring: an incident as told; a red dot: a person, truly.",
    ),
    "timeline": ("时间线", "Timeline"),
    "expectations": ("期望与结果", "Expected and found"),
    "expected": ("期望", "Expected"),
    "found": ("结果", "Found"),
    "against": ("上报事件与真值对照", "Incidents against the truth"),
    "incidents": ("上报事件", "incidents"),
    "no_incidents": ("没有上报事件。", "The operator was told of no incident."),
    "all_told": ("全部记录", "All that was told"),
    "logs": ("日志", "Logs"),
    "recording": ("MCAP 录制（用 Foxglove 打开）", "MCAP recording (opens in Foxglove)"),
    "site": ("场地", "Site"),
    "seed": ("随机种子", "Seed"),
    "simulated": ("仿真时长", "Simulated"),
    "wall": ("实际耗时", "Took"),
    "rate": ("实时倍率", "Real-time factor"),
    "detector": ("检测器", "Detector"),
    "distance": ("行走", "Walked"),
    "off": ("与真值相差", "Off the truth by"),
    "told_at": ("上报时刻", "Told at"),
    "delay": ("画面到控制台", "Frame to console"),
    "no_picture": ("无图片", "no picture"),
    "scenario": ("场景", "Scenario"),
    "verdict": ("结论", "Verdict"),
    "wrong": ("不符之处", "What was wrong"),
    "lane_event": ("发生", "Happens"),
    "lane_world": ("真值", "In truth"),
    "lane_checkpoint": ("巡逻", "Patrol"),
    "lane_incident": ("上报", "Incidents"),
    "lane_error": ("故障", "Errors"),
    "lane_link": ("连接", "Live"),
    "walking": ("仿真中", "Running"),
    "waiting": ("等待场景开始…", "Waiting for a scenario…"),
    "people": ("人员", "People"),
    "run": ("运行", "Run"),
    "patrol": ("巡逻结果", "patrol"),
    "checkpoints": ("巡逻点", "checkpoints"),
    "no_other_incidents": ("无其他事件", "no other incidents"),
    "incidents.within_m": ("事件位置误差", "incident's place"),
    "incidents.picture": ("事件图片", "incident's picture"),
    "errors": ("机器犬报错", "errors"),
    "errors.gone_within_s": ("报错解除", "error over"),
    "no_other_errors": ("无其他报错", "no other errors"),
    "collisions": ("碰撞", "collisions"),
    "falls": ("跌倒", "falls"),
    "nearest_approach_m": ("与人最近距离", "nearest approach"),
    "battery_never_under": ("电量下限", "battery"),
    "walks": ("行走距离", "walks"),
    "order": ("先后顺序", "order"),
}


def both(zh: str, en: str) -> str:
    """A text in both languages; the page shows one."""
    return f'<span class="zh">{escape(zh)}</span><span class="en">{escape(en)}</span>'


def say(key: str) -> str:
    """The words of that key, in both languages."""
    zh, en = WORDS.get(key, (key, key))
    return both(zh, en)
