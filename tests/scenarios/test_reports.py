"""A verdict as JUnit XML, as pages and as an MCAP recording, each read back by something that is not ours."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from geometry_msgs.msg import PoseStamped
from lxml import etree, html
from rclpy.serialization import deserialize_message
from rosbags.highlevel import AnyReader
from sensor_msgs.msg import CompressedImage

from tests.scenarios.outcome_by_hand import ZERO, outcome
from xiaotian.scenarios import junit_report, mcap_recording, report_pages
from xiaotian.scenarios.judge import Verdict, judge

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))


@pytest.fixture
def well(tmp_path: Path) -> Verdict:
    return judge(outcome(tmp_path))


@pytest.fixture
def ill(tmp_path: Path) -> Verdict:
    made = outcome(tmp_path)
    made.record.incidents["i"]["zoneId"] = None
    made.report["dogs"]["dog1"]["falls"] = 2
    return judge(made)


def test_junit_has_the_common_structure(tmp_path: Path, well: Verdict, ill: Verdict) -> None:
    broken = outcome(tmp_path)
    broken.error = "server ended with 1; log ends:\nTraceback \x00"
    file = tmp_path / "out/junit.xml"
    junit_report.write([well, ill, judge(broken)], file, BEGAN, 12.0)
    tree = etree.parse(file)
    SCHEMA.assertValid(tree)
    top = tree.getroot()
    cases, failures = top.findall("testsuite/testcase"), top.findall("testsuite/testcase/failure")
    assert (top.get("tests"), top.get("failures"), top.get("errors")) == (str(len(cases)), str(len(failures)), "1")
    assert [suite.get("failures") for suite in top] == ["0", str(len(failures)), "0"]
    assert any("falls" in (case.get("name") or "") for case in top.findall("testsuite[2]/testcase[failure]"))
    assert "the last word" in (top.findtext("testsuite[2]/system-err") or "")


def test_a_page_stands_alone_and_says_each_thing_in_both_languages(tmp_path: Path, ill: Verdict) -> None:
    mcap_recording.write(ill, ill.outcome.folder / "recording.mcap")
    text = report_pages.write_scenario(ill, ill.outcome.folder).read_text()
    tree = html.fromstring(text)
    assert not re.findall(r"""(?:src|href)=["']https?:""", text)
    sources = [source for source in tree.xpath("//img/@src | //*[local-name()='image']/@href") if "data:" not in source]
    assert sources == []
    assert len(tree.xpath("//*[@class='zh']")) == len(tree.xpath("//*[@class='en']")) > 20
    assert tree.xpath("//tr[@class='no']/td[4]/text()") == ["none", "PERSON_IN_RESTRICTED_ZONE at (22.0, 11.0)", "2"]
    assert len(tree.xpath("//*[local-name()='svg']")) == 3
    assert tree.xpath("//a/@href") == ["../index.html", "recording.mcap"]


def test_the_index_leads_to_every_scenario_the_failed_ones_first(tmp_path: Path, well: Verdict, ill: Verdict) -> None:
    tree = html.fromstring(report_pages.write_index([well, ill], tmp_path, 30.0).read_text())
    assert tree.xpath("//tr/td[1]/span/@class") == ["badge fail", "badge pass"]
    assert set(tree.xpath("//td/a/@href")) == {"somebody/index.html"}


def test_a_run_that_broke_has_a_page_with_its_reason(tmp_path: Path) -> None:
    broken = outcome(tmp_path)
    broken.error, broken.report = "server <ended> with 1", {}
    text = report_pages.write_scenario(judge(broken), broken.folder).read_text()
    assert "server &lt;ended&gt; with 1" in text
    assert not (broken.folder / "recording.mcap").exists()


def test_a_recording_is_read_by_rosbags_and_by_ros_itself(tmp_path: Path, well: Verdict) -> None:
    file = tmp_path / "recording.mcap"
    mcap_recording.write(well, file)
    with AnyReader([file]) as reader:
        told = {c.topic: (c.msgtype, c.msgcount) for c in reader.connections}
        last = {c.topic: (t, raw, reader.deserialize(raw, c.msgtype)) for c, t, raw in reader.messages()}
        times = [t for _, t, _ in reader.messages()]
    assert told["/dog1/pose"] == ("geometry_msgs/msg/PoseStamped", 60)
    assert {"/map", "/zones", "/tf", "/dog1/path", "/dog1/told", "/dog1/battery_state", "/truth", "/events"} <= set(
        told
    )
    assert times == sorted(times)
    assert last["/dog1/pose"][2].pose.position.x == pytest.approx(59 / 4)
    assert last["/map"][2].info.width * last["/map"][2].info.height == len(last["/map"][2].data)
    assert last["/incidents"][0] == pytest.approx((ZERO + 12.4) * 1e9, abs=1e7)
    said = json.loads(last["/scenario"][2].data)
    assert said["passed"] is True
    assert [(m.ns, m.pose.position.x) for m in last["/truth"][2].markers[1:]] == [("people", 22.3)]
    pose = deserialize_message(bytes(last["/dog1/pose"][1]), PoseStamped)
    assert (pose.header.frame_id, pose.pose.position.y) == ("map", 8.0)
    picture = deserialize_message(bytes(last["/incidents/picture"][1]), CompressedImage)
    assert bytes(picture.data[:2]) == b"\xff\xd8"
