"""An example of each body that the API takes, by operation id; places and routes are those of the site station_yard."""

from typing import Any

_ROUTE = {
    "siteId": "station_yard",
    "name": {"zh": "夜间巡逻", "en": "Night round"},
    "stops": [
        {"checkpointId": "gate", "actions": [{"type": "takePhoto"}, {"type": "dwell", "seconds": 10}]},
        {"checkpointId": "armory_view", "actions": [{"type": "compareToReference"}], "theta": 1.5708},
    ],
    "onLinkLoss": {"policy": "carryOnThenHome", "minutes": 30},
    "onBlocked": {"policy": "skip", "tries": 2},
    "onLowBattery": {"policy": "resume"},
}
_SCHEDULE = {
    "routeId": "demo_round",
    "name": {"zh": "每晚十点半，周五除外", "en": "22:30 every day but Friday"},
    "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,SA,SU",
    "start": "2027-01-04T22:30:00",
    "butNot": ["2027-02-06"],
    "missed": {"policy": "late", "minutes": 20},
}
_SITE = {
    "zones": [
        {
            "zoneId": "loading_bay",
            "kind": "slow",
            "name": {"zh": "装卸区", "en": "Loading bay"},
            "polygon": [{"x": 2, "y": 2}, {"x": 8, "y": 2}, {"x": 8, "y": 6}, {"x": 2, "y": 6}],
            "hours": [{"start": "07:00", "end": "19:00"}],
            "maxSpeed": 0.5,
        }
    ],
    "checkpoints": [
        {"checkpointId": "gate", "name": {"zh": "北门", "en": "Gate"}, "pose": {"x": 0, "y": 10.5, "theta": 1.57}}
    ],
    "docks": [{"dockId": "dock_1", "name": {"zh": "一号坞", "en": "Dock 1"}, "pose": {"x": -20, "y": 0, "theta": 0}}],
    "sentences": [{"zh": "装卸区已关闭，请离开。", "en": "The loading bay is closed. Please leave."}],
}
_MAP = {
    "yaml": "image: map.pgm\nresolution: 0.1\norigin: [0.0, 0.0, 0.0]\nfree_thresh: 0.196\noccupied_thresh: 0.65\n",
    "image": "UDUKNCA0CjI1NQr+/v7+/v7+/v7+/v7+/v7+",
}
_CALL = {"siteId": "station_yard", "x": 11.0, "y": -9.5, "reason": "停车场有玻璃破碎声", "dwellS": 20, "nearest": True}
_ALERT = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>KEY-7</identifier><sender>duty@center.example</sender><sent>2026-11-26T22:15:00+08:00</sent>
  <status>Actual</status><msgType>Alert</msgType><scope>Restricted</scope><restriction>police</restriction>
  <info><category>Security</category><event>Break-in</event><urgency>Immediate</urgency><severity>Severe</severity>
    <certainty>Likely</certainty><headline>Glass broken at the north wall</headline>
    <area><areaDesc>North wall</areaDesc><circle>31.20006,121.50009 0.02</circle></area></info>
</alert>
"""
_REQUEST = "-----BEGIN CERTIFICATE REQUEST-----\nMIHOMHYCAQAwFDESMBAGA1UEAwwJ...\n-----END CERTIFICATE REQUEST-----\n"

JSON: dict[str, Any] = {
    "create_account": {"username": "li.na", "role": "operator"},
    "change_account": {"role": "supervisor"},
    "set_openid_subject": {"subject": "248289761001"},
    "set_password": {"password": "correct-horse-battery"},
    "ask_call": _CALL,
    "create_center": {"name": "duty-center", "url": "https://center.example/alerts"},
    "take_message": _CALL,
    "open_original": {"reason": "案件 2026-1187，检察院调取"},
    "watch": {"reason": "北门有人徘徊"},
    "speak": {"text": "您好，这里是巡逻区域。", "language": "zh"},
    "enrol": {"code": "7F3K-9QXM-2A4C", "request": _REQUEST},
    "invite": {"name": "dog_3"},
    "acknowledge": {"note": "已通知门岗"},
    "assign": {"username": "li.na"},
    "comment": {"text": "与保洁排班核对中"},
    "dispatch": {"note": "两人前往北门"},
    "call_false": {"reason": "是树影"},
    "make_package": {"reason": "移交案件 2026-1187"},
    "reopen": {"reason": "同一人再次出现"},
    "resolve": {"reason": "人员已离开"},
    "assign_patrol": {"routeId": "demo_round", "dogId": "dog_1@xiaotian"},
    "backtest_plan": {
        "siteId": "station_yard",
        "since": "2026-11-01T00:00:00+08:00",
        "until": "2026-11-08T00:00:00+08:00",
        "schedule": _SCHEDULE,
    },
    "create_route": _ROUTE,
    "replace_route": _ROUTE,
    "create_schedule": _SCHEDULE,
    "replace_schedule": _SCHEDULE,
    "sign_in": {"username": "li.na", "password": "correct-horse-battery"},
    "set_escalation": {"minutes": 5},
    "change_site": _SITE,
    "change_evidence_key": {"evidenceKey": "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8="},
    "check_site_edit": _SITE,
    "choose_reference": {"evidenceId": "0b9f3c52-7a41-4f0e-9d6a-2c8e5b1f7d30"},
    "create_site": {
        "siteId": "east_depot",
        "name": {"zh": "东仓库", "en": "East depot"},
        "timezone": "Asia/Shanghai",
        "origin": {"latitudeDeg": 31.2, "longitudeDeg": 121.5, "headingDeg": 0},
        "map": _MAP,
    },
    "change_map": _MAP,
    "check_map_file": {"map": _MAP, "siteId": "station_yard"},
    "recall_site": {"rounds": "keep", "reason": "雷暴"},
    "create_token": {"name": "duty-center", "scopes": ["see", "command"], "days": 90},
}
CAP: dict[str, str] = {"take_cap": _ALERT, "take_message": _ALERT}
EXAMPLES: dict[str, dict[str, Any]] = {"application/json": JSON, "application/cap+xml": CAP}
"""By media type, then by operation id."""
