"""The words of the shift report, Chinese and English."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("交接班报告", "Shift report"),
    "shift.day": ("白班", "Day shift"),
    "shift.night": ("夜班", "Night shift"),
    "shift.early": ("早班", "Early shift"),
    "shift.late": ("晚班", "Late shift"),
    "shift.middle": ("中班", "Middle shift"),
    "made": ("{at} 由 {who} 生成；时间为站点时间（{zone}）", "Made at {at} by {who}; times are the site's ({zone})"),
    "running": ("本班尚未结束：数据截至生成时。", "The shift is not over: figures are as of when this was made."),
    "patrols": ("巡逻", "Patrols"),
    "completed": ("完成", "Completed"),
    "distance": ("里程", "Distance"),
    "incidents": ("事件", "Incidents"),
    "answered": ("平均确认用时", "Mean time to acknowledge"),
    "rounds_kept": ("计划按时执行", "Rounds kept in time"),
    "worst": ("最长无人巡视", "Longest unwatched"),
    "open": ("移交下一班", "Open for the next shift"),
    "open.none": ("没有未办结的事项。", "Nothing is open."),
    "open.incidents": ("未办结事件", "Open incidents"),
    "open.patrols": ("进行中的巡逻", "Patrols on their way"),
    "open.rounds": ("等待机器犬的计划", "Rounds that wait for a dog"),
    "happened": ("本班事件", "What happened"),
    "happened.none": ("本班没有事件。", "Nothing was told."),
    "kinds": ("事件分类", "Incidents by kind"),
    "dogs": ("巡逻情况", "Patrols by dog"),
    "dogs.none": ("本班没有巡逻。", "There were no patrols."),
    "schedules": ("计划执行", "Rounds by schedule"),
    "schedules.none": ("本班没有计划巡逻。", "No rounds were due."),
    "not_kept": ("未按时执行的计划", "Rounds that were not kept in time"),
    "places": ("检查点巡视", "How places were watched"),
    "troubles": ("跳过、迟到或未完成的检查点", "Checkpoints skipped, late or with failed work"),
    "more": ("共 {n} 条，此处列出前 {shown} 条。", "{n} in all; the first {shown} are here."),
    "signed": ("交班人：____________　　接班人：____________　　时间：____________",
               "Handed over by: ____________   Taken over by: ____________   At: ____________"),
    "col.time": ("时间", "Time"),
    "col.what": ("事件", "What"),
    "col.where": ("地点", "Where"),
    "col.dog": ("机器犬", "Dog"),
    "col.status": ("状态", "Status"),
    "col.acknowledged": ("确认人 / 用时", "Acknowledged / after"),
    "col.answer": ("处理结果", "Answer"),
    "col.kind": ("类别", "Kind"),
    "col.count": ("数量", "Count"),
    "col.open": ("未办结", "Open"),
    "col.false": ("误报", "False alarms"),
    "col.mean": ("平均用时", "Mean time"),
    "col.slowest": ("最长用时", "Slowest"),
    "col.patrols": ("巡逻 / 完成", "Patrols / completed"),
    "col.km": ("里程", "Distance"),
    "col.minutes": ("时长", "Time"),
    "col.battery": ("耗电", "Battery"),
    "col.checkpoints": ("到达 / 检查点", "Reached / checkpoints"),
    "col.late": ("迟到", "Late"),
    "col.skipped": ("跳过", "Skipped"),
    "col.failed": ("未完成", "Failed"),
    "col.schedule": ("计划", "Schedule"),
    "col.kept": ("按时", "Kept"),
    "col.unfinished": ("中断", "Unfinished"),
    "col.missed": ("错过", "Missed"),
    "col.promise": ("承诺兑现", "Promise kept"),
    "col.due": ("应出发", "Due"),
    "col.outcome": ("结果", "Outcome"),
    "col.reason": ("原因", "Reason"),
    "col.place": ("检查点", "Checkpoint"),
    "col.visits": ("到访", "Visits"),
    "col.idle_mean": ("平均间隔", "Mean idleness"),
    "col.idle_worst": ("最长间隔", "Worst idleness"),
    "col.route": ("路线", "Route"),
    "col.since": ("自", "Since"),
    "outcome.KEPT": ("按时", "Kept"),
    "outcome.LATE": ("晚出发", "Late"),
    "outcome.UNFINISHED": ("中断", "Unfinished"),
    "outcome.MISSED": ("错过", "Missed"),
    "outcome.WAITING": ("等待", "Waiting"),
    "visit.late": ("迟到 {by}", "late by {by}"),
    "visit.SKIPPED": ("跳过", "skipped"),
    "visit.FAILED": ("工作未完成", "work failed"),
    "nobody": ("无人确认", "nobody"),
    "escalated": ("已升级", "escalated"),
    "at": ("（{x}，{y}）米", "({x}, {y}) m"),
    "s": ("{s} 秒", "{s} s"),
    "min": ("{m} 分", "{m} min"),
    "h": ("{h} 时 {m} 分", "{h} h {m} min"),
    "km": ("{n} 公里", "{n} km"),
    "m": ("{n} 米", "{n} m"),
    "page": ("第 {n} 页", "Page {n}"),
}  # fmt: skip


class Language:
    """``zh`` or ``en``: looks words up, and puts durations and distances into them."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._at = ("zh", "en").index(code)

    def __call__(self, key: str, **given: object) -> str:
        """The words of ``key``; KeyError where there are none."""
        return WORDS[key][self._at].format(**given)

    def of(self, words: tuple[str, str]) -> str:
        """That one of two."""
        return words[self._at]

    def named(self, name: dict[str, str]) -> str:
        """A name that was given in both."""
        return name.get(self.code) or name.get("en", "")

    def shift(self, name: str) -> str:
        """A shift's name; one of the station's own is told as it is."""
        return self(f"shift.{name}") if f"shift.{name}" in WORDS else name

    def lasting(self, seconds: float | None) -> str:
        """A duration, to what matters at its size."""
        if seconds is None:
            return "–"
        whole = round(seconds)
        if whole < 120:
            return self("s", s=whole)
        if whole < 7200:
            return self("min", m=round(whole / 60))
        return self("h", h=whole // 3600, m=whole % 3600 // 60)

    def far(self, metres: float) -> str:
        """A distance."""
        return self("km", n=f"{metres / 1000:.2f}") if metres >= 1000 else self("m", n=round(metres))
