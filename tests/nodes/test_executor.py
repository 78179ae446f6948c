"""Our executor against rclpy's own: everything that a node may have is served, and by the real middleware."""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import groupby

import pytest

pytest.importorskip("rclpy", reason="needs ROS 2")

import rclpy
from patrol_interfaces.action import NavigateTo
from patrol_nodes.executor import AT_ONCE, NodeExecutor
from rclpy.action import ActionClient, ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_msgs.msg import Int32
from std_srvs.srv import Trigger

from xiaotian.ros_domain import free_domain

PATIENCE_S = 60.0
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class Pair:
    """A node under our executor, and whoever speaks to it under rclpy's, each in a thread of its own."""

    def __init__(self) -> None:
        rclpy.init(domain_id=free_domain())
        self.node, self.other = Node("node"), Node("other")
        self.raised: list[BaseException] = []
        self.executors = (NodeExecutor(), SingleThreadedExecutor())
        self.threads = []
        for executor, node in zip(self.executors, (self.node, self.other), strict=True):
            executor.add_node(node)
            self.threads.append(threading.Thread(target=self._spin, args=(executor,)))

    def _spin(self, executor: SingleThreadedExecutor) -> None:
        try:
            executor.spin()
        except ExternalShutdownException:
            pass
        except ValueError as error:
            self.raised.append(error)

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def wait(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.01)

    def close(self) -> None:
        rclpy.try_shutdown()
        for thread in self.threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        for executor in self.executors:
            executor.shutdown()
        self.node.destroy_node()
        self.other.destroy_node()


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def test_messages_come_once_each_and_in_order_however_many_there_are(pair: Pair) -> None:
    heard: list[int] = []
    pair.node.create_subscription(Int32, "numbers", lambda message: heard.append(message.data), LATCHED)
    numbers = pair.other.create_publisher(Int32, "numbers", LATCHED)
    for number in range(5 * AT_ONCE):
        numbers.publish(Int32(data=number))
    pair.start()
    pair.wait(lambda: len(heard) >= 5 * AT_ONCE)
    assert heard == list(range(5 * AT_ONCE))


def test_a_topic_with_many_messages_lets_timers_have_their_turn_in_between(pair: Pair) -> None:
    many, came = 30 * AT_ONCE, [""]
    deep = QoSProfile(depth=many, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    pair.node.create_subscription(Int32, "flood", lambda _: came.append("message"), deep)
    pair.node.create_timer(1e-6, lambda: came.append("timer"))  # there is always one due
    flood = pair.other.create_publisher(Int32, "flood", deep)
    pair.wait(lambda: flood.get_subscription_count() == 1)
    for number in range(many):
        flood.publish(Int32(data=number))
    assert flood.wait_for_all_acked(Duration(seconds=PATIENCE_S)), "they wait where the executor takes them"
    pair.start()
    pair.wait(lambda: came.count("message") == many)
    runs = [len(list(run)) for what, run in groupby(came) if what == "message"]
    assert max(runs) <= AT_ONCE + 1  # rclpy, once a second, takes one more


def test_services_clients_and_actions_are_served_with_their_results_and_cancels(pair: Pair) -> None:
    pair.other.create_service(Trigger, "there", lambda _, answer: _said(answer, "there"))
    pair.node.create_service(Trigger, "here", lambda _, answer: _said(answer, "here"))
    goals: list[ServerGoalHandle] = []

    def conclude(goal: ServerGoalHandle) -> NavigateTo.Result:
        if goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.succeed()
        return NavigateTo.Result(error_msg="as asked")

    def look() -> None:
        for goal in [one for one in goals if one.is_cancel_requested or one.request.tolerance_xy > 1]:
            goals.remove(goal)
            goal.execute(conclude)

    _ = ActionServer(
        pair.node,
        NavigateTo,
        "go",
        execute_callback=conclude,
        handle_accepted_callback=goals.append,
        cancel_callback=lambda _: CancelResponse.ACCEPT,
    )
    pair.node.create_timer(0.02, look)
    client, ours = pair.other.create_client(Trigger, "here"), pair.node.create_client(Trigger, "there")
    action = ActionClient(pair.other, NavigateTo, "go")
    pair.start()
    pair.wait(lambda: client.service_is_ready() and ours.service_is_ready() and action.server_is_ready())
    asked = [client.call_async(Trigger.Request()), ours.call_async(Trigger.Request())]
    pair.wait(lambda: all(future.done() for future in asked))
    assert [future.result().message for future in asked] == ["here", "there"]
    for tolerance, status in ((2.0, 4), (0.5, 5)):  # action_msgs/GoalStatus: succeeded, canceled
        sent = action.send_goal_async(NavigateTo.Goal(tolerance_xy=tolerance))
        pair.wait(sent.done)
        if status == 5:
            cancelled = sent.result().cancel_goal_async()
            pair.wait(cancelled.done)
        ended = sent.result().get_result_async()
        pair.wait(ended.done)
        assert (ended.result().status, ended.result().result.error_msg) == (status, "as asked")
    action.destroy()


def _said(answer: Trigger.Response, word: str) -> Trigger.Response:
    answer.success, answer.message = True, word
    return answer


def test_what_comes_and_goes_while_it_spins_is_served_and_then_no_more(pair: Pair) -> None:
    heard: list[int] = []
    ticks: list[int] = []
    numbers = pair.other.create_publisher(Int32, "numbers", 10)
    pair.start()
    for _ in range(3):
        there = pair.node.create_subscription(Int32, "numbers", lambda message: heard.append(message.data), 10)
        ticks.clear()
        timer = pair.node.create_timer(0.01, lambda: ticks.append(1))
        pair.wait(lambda: numbers.get_subscription_count() == 1 and len(ticks) > 3)
        before = len(heard)
        numbers.publish(Int32(data=1))
        pair.wait(lambda before=before: len(heard) == before + 1)
        pair.node.destroy_timer(timer)
        pair.node.destroy_subscription(there)
        pair.wait(lambda: numbers.get_subscription_count() == 0)
        numbers.publish(Int32(data=2))
        after: list[int] = []
        other = pair.node.create_timer(0.01, lambda after=after: after.append(len(ticks)))
        pair.wait(lambda after=after: len(after) > 20)
        pair.node.destroy_timer(other)
        assert after[-1] == after[1], "the timer went on"
    assert heard == [1, 1, 1]


def test_a_timer_that_ends_itself_is_called_once(pair: Pair) -> None:
    calls: list[int] = []

    def once() -> None:
        calls.append(1)
        pair.node.destroy_timer(timer)

    timer = pair.node.create_timer(0.01, once)
    more: list[int] = []
    pair.node.create_timer(0.01, lambda: more.append(1))
    pair.start()
    pair.wait(lambda: len(more) > 20)
    assert len(calls) == 1


def test_what_a_callback_raises_ends_the_spinning(pair: Pair) -> None:
    def fail() -> None:
        raise ValueError("of nothing in particular")

    pair.node.create_timer(0.01, fail)
    pair.start()
    pair.wait(lambda: pair.raised)
    assert "of nothing" in str(pair.raised[0])


def test_a_task_that_a_callback_or_another_thread_asks_for_is_done(pair: Pair) -> None:
    done: list[str] = []
    executor = pair.executors[0]

    async def work(what: str) -> None:
        done.append(what)

    once = pair.node.create_timer(0.05, lambda: (once.cancel(), executor.create_task(work, "callback")))
    pair.start()
    executor.create_task(work, "thread")
    pair.wait(lambda: sorted(done) == ["callback", "thread"])
