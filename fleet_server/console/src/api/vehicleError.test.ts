import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";

import { zh } from "../i18n/zh";
import { told, troubleOf } from "./vehicleError";

beforeAll(() => i18next.init({ lng: "zh", resources: { zh: { translation: zh } }, interpolation: { escapeValue: false } }));

const ended = (reason: string) => told(troubleOf(reason));

it("tells a dog's error by its type and keeps what it said of what and where", () => {
  expect(ended("orderAborted: no way to 'gate'")).toEqual({ words: "任务已中止", detail: "no way to 'gate'" });
  expect(ended("fallen")).toEqual({ words: "机器犬跌倒，需要人员到场", detail: "" });
});

it("tells the server's own reasons for a patrol's end", () => {
  expect(ended("work failed at 2 checkpoints")).toEqual({ words: "2 个检查点的工作未完成", detail: "" });
  expect(ended("canceled by somebody else").words).toBe("由其他系统取消");
  expect(ended("the dog ended the order before its last checkpoint").words).toBe("机器犬在最后一个检查点之前结束了任务");
});

it("names another make's error by its type, with what was said", () => {
  expect(ended("wheelOff: front left")).toEqual({ words: "未登记的故障（wheelOff）", detail: "front left" });
  expect(ended("something quite different")).toEqual({ words: "something quite different", detail: "" });
});
