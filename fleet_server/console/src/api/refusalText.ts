import i18next from "i18next";

import { told } from "./vehicleError";

/** The server's reasons for a refusal, which it gives in English, by what stands in them. */
const REASONS: [RegExp, string][] = [
  [/^(?<dog>.+) is not live/, "refusal.notLive"],
  [/^(?<dog>.+) is busy/, "refusal.busy"],
  [/^(?<dog>.+) does not know where it is/, "refusal.lost"],
  [/^(?<dog>.+) is on the map /, "refusal.otherMap"],
  [/^(?<dog>.+) is in (?<mode>\w+) mode/, "refusal.mode"],
  [/^(?<dog>.+) is stopped: emergency stop/, "refusal.estop"],
  [/^(?<dog>.+) needs a person: (?<what>.+)/, "refusal.fault"],
  [/^(?<dog>.+) has (?<charge>\d+) % charge, not above the reserve of (?<reserve>\d+) %/, "refusal.charge"],
  [/^(?<dog>.+) reaches (?<reach>\d+) m before its reserve, the route needs (?<needs>\d+) m/, "refusal.reach"],
  [/^(?<dog>.+) is walking this route/, "refusal.walking"],
  [/^an incident that is (?<standing>[A-Z_]+) does not become/, "refusal.answered"],
  [/^the incident is not closed/, "refusal.notClosed"],
  [/^acknowledged already, by (?<who>.+)/, "refusal.acknowledged"],
  [/^(?<dog>.+) follows lines, and does not plan its own way/, "refusal.follows"],
  [/^(?<dog>.+) takes (?<most>\d+) nodes, the route has (?<nodes>\d+)/, "refusal.nodes"],
  [/^(?<dog>.+) cannot do (?<actions>.+)/, "refusal.unable"],
  [/^(?<dog>.+) does not wait after a fall/, "refusal.noFall"],
  [/^(?<dog>.+) is not stopped/, "refusal.notStopped"],
  [/^(?<who>.+) does not drive (?<dog>.+)/, "refusal.notDriver"],
  [/^nobody else drives (?<dog>.+)/, "refusal.nobodyDrives"],
  [/^(?<who>.+) has asked for (?<dog>.+) before/, "refusal.askedBefore"],
  [/^nobody has asked for (?<dog>.+)/, "refusal.nobodyAsked"],
  [/^(?<who>\S+) drives (?<dog>\S+)$/, "refusal.driven"],
  [/^the role (?<role>\w+) has not the right/, "refusal.noRight"],
  [/^(?<dog>.+) has not told its charge/, "refusal.noCharge"],
  [/^the patrol is (?<status>[A-Z]+) already/, "refusal.ended"],
  [/^the route stops at '(?<place>.+)', which the site no longer has/, "refusal.stopGone"],
  [/^there is no dog '(?<name>.+)'/, "refusal.noDog"],
  [/^there is no route '(?<name>.+)'/, "refusal.noRoute"],
  [/^there is no patrol '(?<name>.+)'/, "refusal.noPatrol"],
  [/^there is no incident '(?<name>.+)'/, "refusal.noIncident"],
  [/^(siteId: )?there is no site '(?<name>.+)'/, "refusal.noSite"],
  [/^stops\.(?<index>\d+)\.checkpointId: there is no checkpoint '(?<name>.+)'/, "refusal.noCheckpoint"],
  [/^there is no such picture, or not yet/, "refusal.noPicture"],
  [/^no dog of this station may walk it/, "refusal.noneMay"],
  [/^there is no dog$/, "refusal.noDogs"],
  [/^the station was not at work when it was due/, "refusal.asleep"],
  [/^its schedule is gone/, "refusal.scheduleGone"],
  [/^'(?<name>.+)' is the last administrator who can come in/, "refusal.lastAdministrator"],
  [/^there is an account .+ already/, "refusal.nameTaken"],
  [/^username: the audit log calls the server itself so/, "refusal.serversName"],
  [/^username: /, "refusal.badUsername"],
  [/^this station was not set up with `xiaotian fleet init`/, "refusal.openFleet"],
  [/^rule: /, "refusal.rule"],
  [/^(?<dog>.+) has no live camera/, "refusal.noCamera"],
  [/^(?<dog>.+) cannot speak/, "refusal.noSpeech"],
  [/^(text: |text has )/, "refusal.sentence"],
  [/^it has words in no language/, "refusal.wordless"],
  [/^(Value error, )?(an evidence key has 32 bytes|no evidence key: )/, "refusal.evidenceKey"],
  [/^(?<dog>.+) has not said yet what it can/, "refusal.unsaid"],
  [/^(?<dog>.+) is watched by as many/, "refusal.manyWatch"],
  [/^reason: this station asks/, "refusal.watchReason"],
  [/^no dog can get to .*: it lies in the no-go zone '(?<zone>.+)'/, "refusal.noGo"],
  [/^no dog can get to .*: it lies outside the map/, "refusal.offMap"],
  [/^no dog can get to .*: it lies in a wall/, "refusal.inWall"],
  [/^no dog can get to /, "refusal.unreachable"],
  [/^(?:'|")?(?<name>[^'"]+)(?:'|")? is there twice/, "refusal.idTwice"],
  [/^the outline meets itself at x (?<x>\S+), y (?<y>\S+)/, "refusal.crossing"],
  [/^all corners are at one place/, "refusal.onePlace"],
  [/^a slow zone needs a speed above 0/, "refusal.noSpeed"],
  [/^they begin and end at the same time/, "refusal.sameHours"],
  [/^it is neither a PNG nor a PGM/, "refusal.noPictureFile"],
  [/^(?<w>\d+) x (?<h>\d+) cells are more than (?<most>\d+)/, "refusal.mapTooLarge"],
  [/^Image size \(\d+ pixels\) exceeds/, "refusal.mapMuchTooLarge"],
  [/^no cell of it is free ground/, "refusal.noGround"],
  [/^resolution: (?<value>\S+) is not/, "refusal.resolution"],
  [/^origin: the map is turned/, "refusal.turnedMap"],
  [/^image: it has to be the name of the file alone/, "refusal.imageName"],
  [/^there is a site '(?<name>.+)' already/, "refusal.siteTaken"],
  [/^there is no time zone '(?<name>.+)'/, "refusal.noTimezone"],
  [/^it lies outside the map/, "refusal.itsOffMap"],
  [/^it lies in a wall/, "refusal.itsInWall"],
  [/^the map knows nothing of it/, "refusal.itsUnknown"],
  [/^it is within [\d.]+ m of something mapped or forbidden/, "refusal.tooNear"],
  [/^it lies in the no-go zone ['"](?<zone>.+)['"]/, "refusal.itsNoGo"],
  [/^no way leads there/, "refusal.noWayHere"],
  [/^no dog can stand before it/, "refusal.noStandBefore"],
  [/^'(?<name>.+)' is missing: the route ['"](?<route>.+)['"] \(\S+\) stops there/, "refusal.routeStops"],
  [/^no way leads (?<dog>.+) there/, "refusal.noWay"],
  [/^no dock is free/, "refusal.noDock"],
  [/^the site has no dock/, "refusal.noDocks"],
  [/^there is no dog on the site's map/, "refusal.noDogs"],
  [/^(?<dog>.+) has another call/, "refusal.otherCall"],
  [/^(?<dog>.+) is on a call/, "refusal.otherCall"],
  [/^(?<dog>.+) is being called back/, "refusal.calledBack"],
  [/^(?<dog>.+) is taken off what it does/, "refusal.takenOff"],
  [/^(?<dog>.+) has still to go on with the patrol/, "refusal.keepsRound"],
  [/^(?<dog>.+) is at its dock, and charges/, "refusal.atDock"],
  [/^(?<dog>.+) is on its way home/, "refusal.homeward"],
  [/^all dogs of the site (are|were) called home/, "refusal.allHome"],
  [/^no dog could take it within (?<minutes>\d+) minutes/, "refusal.nobodyCame"],
  [/^there is or was a (token|center) /, "refusal.nameTaken"],
  [/^not signed in/, "refusal.signedOut"],
  [/^it was changed meanwhile, by (?<who>.+) at (?<at>\S+Z)$/, "refusal.changedBy"],
  [/^it was changed meanwhile/, "refusal.changed"],
  [/^it was done, and its answer is lost/, "refusal.answerLost"],
  [/^too many failed sign-ins/, "refusal.tooMany"],
];

/** The reason in the operator's language; one that is not known here stays as the server said it. */
export function inWords(reason: string): string {
  for (const [pattern, key] of REASONS) {
    const match = pattern.exec(reason);
    if (match) return i18next.t(key, valuesOf(match.groups ?? {}));
  }
  return reason;
}

/** What was named in the reason, in the operator's language where it has a word there. */
function valuesOf(groups: Record<string, string>): Record<string, string> {
  const values = { ...groups };
  if (values.what) values.what = told({ type: values.what, detail: "" }).words;
  if (values.mode) values.mode = i18next.t(`dogs.mode.${values.mode}`, { defaultValue: values.mode });
  if (values.index) values.n = String(Number(values.index) + 1); // the server counts from 0, the editor from 1
  if (values.at) values.at = when(values.at);
  if (values.status) values.status = i18next.t(`patrols.status.${values.status}`, { defaultValue: values.status });
  if (values.standing) values.standing = i18next.t(`incidents.status.${values.standing}`, { defaultValue: values.standing });
  return values;
}

/** By the clock of the operator's computer: a refusal knows no site. */
const when = (iso: string): string =>
  new Intl.DateTimeFormat(i18next.language === "en" ? "en-GB" : "zh-CN", { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
