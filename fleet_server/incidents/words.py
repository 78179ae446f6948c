"""Chinese and English words for what leaves the station without the console."""

from protocol.anomaly import AnomalyKind

KINDS: dict[str, tuple[str, str]] = {
    AnomalyKind.PERSON_IN_RESTRICTED_ZONE: ("有人进入限制区", "Person in a restricted zone"),
    AnomalyKind.PERSON_LYING: ("有人倒地", "Person lying"),
    AnomalyKind.VEHICLE_PARKED: ("车辆停放", "Vehicle parked"),
    AnomalyKind.BAG_LEFT: ("遗留包裹", "Bag left behind"),
    AnomalyKind.LOITERING: ("人员徘徊", "Loitering"),
    AnomalyKind.CROWD: ("人员聚集", "Crowd"),
    AnomalyKind.FIRE: ("明火", "Fire"),
    AnomalyKind.SMOKE: ("烟雾", "Smoke"),
    AnomalyKind.CAMERA_IMPAIRED: ("摄像头受损", "Camera impaired"),
    AnomalyKind.CHECKPOINT_CHANGED: ("巡检点有变动", "Checkpoint changed"),
}
STATES: dict[str, tuple[str, str]] = {
    "OPEN": ("待处理", "Open"),
    "ACKNOWLEDGED": ("已确认", "Acknowledged"),
    "DISPATCHED": ("已派人", "Somebody sent"),
    "RESOLVED": ("已处置", "Resolved"),
    "FALSE_ALARM": ("误报", "False alarm"),
}
ACTIONS: dict[str, tuple[str, str]] = {
    "incident.seen": ("发现", "Seen"),
    "incident.acknowledged": ("确认", "Acknowledged"),
    "incident.dispatched": ("派人", "Somebody sent"),
    "incident.resolved": ("处置完毕", "Resolved"),
    "incident.false_alarm": ("判为误报", "Called a false alarm"),
    "incident.reopened": ("重新打开", "Reopened"),
    "incident.commented": ("备注", "Comment"),
    "incident.assigned": ("指派", "Assigned"),
    "incident.escalated": ("无人确认，升级", "Escalated: nobody acknowledged"),
    "incident.exported": ("导出证据包", "Evidence package made"),
    "evidence.captured": ("拍摄图片", "Picture taken"),
    "evidence.filmed": ("录像开始", "Clip begins"),
    "evidence.recorded": ("传感器记录开始", "Recording begins"),
    "evidence.viewed": ("查看图片", "Picture viewed"),
    "evidence.original_opened": ("取出未打码原图", "Original handed out"),
}
