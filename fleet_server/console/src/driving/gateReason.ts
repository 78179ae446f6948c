/** The gate's reasons why a dog does not go as it is told (edge/navigation/safety_gate.py), as a driver has to know them. */
const WORDS: [RegExp, string][] = [
  [/^OBSTACLE_NEAR$/, "near"],
  [/^OBSTACLE_AHEAD$/, "ahead"],
  [/^GROUND_UNSEEN$/, "ground"],
  [/^GEOFENCE$/, "border"],
  [/^SLOW_ZONE$/, "slowZone"],
  [/^HALF_BLIND$/, "halfBlind"],
  [/^EMERGENCY_STOP$/, "emergencyStop"],
  [/FALL/, "fallen"],
  [/^POSE_/, "place"],
  [/^CLOCK_/, "clock"],
  [/^COMMAND_/, "command"],
];

/** Keys of `drive.reason`, each once; what is not known here is a sensor that does not tell what it should. */
export function reasonKeys(reasons: readonly string[]): string[] {
  return [...new Set(reasons.map((reason) => WORDS.find(([pattern]) => pattern.test(reason))?.[1] ?? "sensor"))];
}
