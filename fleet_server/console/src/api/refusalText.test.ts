import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";

import { zh } from "../i18n/zh";
import { inWords } from "./refusalText";

beforeAll(() => i18next.init({ lng: "zh", resources: { zh: { translation: zh } }, interpolation: { escapeValue: false } }));

it("says in the operator's language why a dog was refused", () => {
  expect(inWords("dog1 is not live: last heard 2026-01-01T00:00:00Z")).toBe("dog1 当前失联");
  expect(inWords("dog2 has 12 % charge, not above the reserve of 20 %")).toBe("dog2 电量 12%，不高于保留电量 20%");
});

it.each([
  ["dog1 needs a person: fallen", "dog1 需要人工处理：机器犬跌倒，需要人员到场"],
  ["dog1 needs a person: wheelOff", "dog1 需要人工处理：未登记的故障（wheelOff）"],
  ["dog1 is in MANUAL mode", "dog1 处于 手动 模式"],
  ["dog1 is busy with the patrol 'Night round'", "dog1 正在执行其他任务"],
  ["van follows lines, and does not plan its own way", "van 只能沿固定线路行驶，无法自主规划路径"],
  ["van takes 5 nodes, the route has 9", "van 最多接受 5 个节点，路线有 9 个"],
  ["van cannot do takePhoto, dwell", "van 不支持：takePhoto, dwell"],
  ["dog1 cannot speak: its factsheet has no speak", "dog1 不支持喊话"],
  ["text: Value error, text has a control character, or one that is none", "这句话不能播报：须有文字或数字，最多 200 字，不含控制字符"],
  ["text has nothing to speak: no letter, no digit", "这句话不能播报：须有文字或数字，最多 200 字，不含控制字符"],
  ["it has words in no language", "至少用一种语言写出这句话"],
  ["Value error, an evidence key has 32 bytes in base64, not 31", "这不是证据密钥的公钥：应为 xiaotian evidence key 打印的 32 字节 base64"],
  ["Value error, no evidence key: it is 32 bytes in base64, as `xiaotian evidence key` tells it", "这不是证据密钥的公钥：应为 xiaotian evidence key 打印的 32 字节 base64"],
  ["dog1 has not told its charge", "dog1 尚未上报电量"],
  ["an incident that is RESOLVED does not become FALSE_ALARM", "已有人处理，现在的状态是：已处置"],
  ["the incident is not closed", "这起事件还没有结束，不用重新打开"],
  ["the patrol is COMPLETED already", "巡逻已结束（已完成）"],
  ["the route stops at 'gate', which the site no longer has", "路线经过的检查点 gate 在站点中已不存在"],
  ["there is no dog 'dog9'", "没有机器犬 dog9"],
  ["siteId: there is no site 'moon'", "没有站点 moon"],
  ["stops.0.checkpointId: there is no checkpoint 'gate'", "第 1 站：没有检查点 gate"],
  ["'gate' is there twice", "编号 gate 重复"],
  ["the outline meets itself at x 1.50, y -2.00", "轮廓在 x 1.50、y -2.00 处自相交或相接"],
  ["it lies in the no-go zone 'Flag lawn'", "位于禁行区“Flag lawn”内"],
  ["it is within 0.3 m of something mapped or forbidden", "离墙或禁行区太近，机器犬站不下"],
  ["no way leads there", "从任何充电桩都走不到"],
  ["'gate' is missing: the route 'Night round' (r-1) stops there", "检查点 gate 不能删除：路线“Night round”经过此处"],
  ["it was changed meanwhile", "已被他人更改"],
  ["not signed in", "尚未登录，请重新登录"],
  ["too many failed sign-ins; wait a while", "登录失败次数过多，请稍后再试"],
])("says %j in Chinese", (said, words) => expect(inWords(said)).toBe(words));

it("keeps a reason that it does not know as the server said it", () => {
  expect(inWords("the moon is full")).toBe("the moon is full");
});

it("says who has changed it meanwhile, and when", () => {
  const at = new Date(2026, 2, 1, 14, 3).toISOString().replace(".000", "");
  expect(inWords(`it was changed meanwhile, by Wang at noon at ${at}`)).toBe("Wang at noon 已于 03/01 14:03 更改");
});
