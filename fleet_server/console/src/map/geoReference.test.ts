import { describe, expect, it } from "vitest";

import type { SiteMap } from "../api/types";
import { lengthOf, longestEdgeMiddle, mapFrame, middle, pictureCorners, screenTurnDeg } from "./geoReference";

const SHANGHAI = { latitudeDeg: 31.2304, longitudeDeg: 121.4737, headingDeg: 0 };

describe("the map frame against longitude and latitude", () => {
  it("puts the origin of the map at the site's origin", () => {
    expect(mapFrame(SHANGHAI).toLngLat({ x: 0, y: 0 })).toEqual([121.4737, 31.2304]);
  });

  it("agrees with the length of a degree at 45 degrees north (Snyder, table 1)", () => {
    const frame = mapFrame({ latitudeDeg: 45, longitudeDeg: 0, headingDeg: 0 });
    const degree = frame.toMap([1, 46]);
    expect(degree.x).toBeCloseTo(78_847, -1);
    expect(degree.y).toBeCloseTo(111_132, -1);
  });

  it.each([0, 37.5, 90, -120])("comes back from where it went with a heading of %d degrees", (headingDeg) => {
    const frame = mapFrame({ ...SHANGHAI, headingDeg });
    const back = frame.toMap(frame.toLngLat({ x: 41.25, y: -17.5 }));
    expect(back.x).toBeCloseTo(41.25, 6);
    expect(back.y).toBeCloseTo(-17.5, 6);
  });

  it("points the map's y axis east when the heading is 90 degrees", () => {
    const [lng, lat] = mapFrame({ ...SHANGHAI, headingDeg: 90 }).toLngLat({ x: 0, y: 100 });
    expect(lng).toBeGreaterThan(SHANGHAI.longitudeDeg);
    expect(lat).toBeCloseTo(SHANGHAI.latitudeDeg, 9);
  });
});

describe("the picture of the map", () => {
  const map = { resolution: 0.05, width: 200, height: 100, origin: { x: -5, y: -2, theta: 0 } } as SiteMap;

  it("lies with its lower left corner at the map's origin", () => {
    expect(pictureCorners(map)).toEqual([{ x: -5, y: 3 }, { x: 5, y: 3 }, { x: 5, y: -2 }, { x: -5, y: -2 }]);
  });

  it("turns about that corner", () => {
    const [topLeft, , bottomRight] = pictureCorners({ ...map, origin: { x: 1, y: 1, theta: Math.PI / 2 } });
    expect(topLeft.x).toBeCloseTo(-4);
    expect(topLeft.y).toBeCloseTo(1);
    expect(bottomRight.x).toBeCloseTo(1);
    expect(bottomRight.y).toBeCloseTo(11);
  });
});

it("turns an arrow that points up the screen by the heading", () => {
  expect(screenTurnDeg(Math.PI / 2)).toBeCloseTo(0);
  expect(screenTurnDeg(0)).toBeCloseTo(90);
  expect(screenTurnDeg(Math.PI)).toBeCloseTo(-90);
});

it("measures a way along its straight pieces", () => {
  expect(lengthOf([{ x: 0, y: 0 }, { x: 3, y: 4 }, { x: 3, y: 10 }])).toBe(11);
  expect(lengthOf([])).toBe(0);
});

it("finds the middle of a zone", () => {
  expect(middle([{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 2 }, { x: 0, y: 2 }])).toEqual({ x: 2, y: 1 });
});

it("names an outline at the middle of its longest edge, of two as long at the lower", () => {
  const yard = [{ x: -6, y: -14 }, { x: 19, y: -14 }, { x: 19, y: 8 }, { x: -6, y: 8 }];
  expect(longestEdgeMiddle(yard)).toEqual({ x: 6.5, y: -14 });
  expect(longestEdgeMiddle([...yard].reverse())).toEqual({ x: 6.5, y: -14 });
  expect(longestEdgeMiddle([{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 1, y: 9 }])).toEqual({ x: 0.5, y: 4.5 });
});
