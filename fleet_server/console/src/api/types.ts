/** The server's words, by the names the console uses. */

export interface Text {
  zh: string;
  en: string;
}
export interface Point {
  x: number;
  y: number;
}
export interface Pose extends Point {
  theta: number;
}
export interface Origin {
  latitudeDeg: number;
  longitudeDeg: number;
  headingDeg: number;
}
export type ZoneKind = "restricted" | "no_go" | "slow" | "privacy";
export interface Zone {
  zoneId: string;
  kind: ZoneKind;
  name: Text;
  polygon: Point[];
  hours?: { start: string; end: string }[] | null;
  maxSpeed?: number | null;
}
export interface Checkpoint {
  checkpointId: string;
  name: Text;
  pose: Pose;
}
export interface Dock {
  dockId: string;
  name: Text;
  pose: Pose;
}
export interface SiteMap {
  mapId: string;
  resolution: number;
  origin: Pose;
  width: number;
  height: number;
  url: string;
}
export interface Site {
  siteId: string;
  version: number;
  name: Text;
  timezone: string;
  origin: Origin;
  map: SiteMap;
  zones: Zone[];
  checkpoints: Checkpoint[];
  docks: Dock[];
}
export interface DogError {
  errorType: string;
  errorLevel: string;
  errorDescription?: string | null;
}
export interface Dog {
  dogId: string;
  manufacturer: string;
  connection: "ONLINE" | "OFFLINE" | "CONNECTIONBROKEN" | "UNKNOWN";
  live: boolean;
  lastSeen: string | null;
  position: { x: number; y: number; theta: number; mapId: string } | null;
  velocity: { vx?: number | null; vy?: number | null; omega?: number | null } | null;
  batteryCharge: number | null;
  charging: boolean | null;
  driving: boolean | null;
  paused: boolean | null;
  operatingMode: string | null;
  activity: string | null;
  orderId: string | null;
  lastNodeId: string | null;
  errors: DogError[];
  detector: string | null;
  patrolId: string | null;
}
export type StopAction = { type: string; seconds?: number | null };
export interface Stop {
  checkpointId: string;
  actions: StopAction[];
}
export interface RouteIn {
  siteId: string;
  name: Text;
  stops: Stop[];
}
export interface Route extends RouteIn {
  routeId: string;
}
export type PatrolStatus = "SENT" | "ACTIVE" | "COMPLETED" | "CANCELED" | "FAILED" | "REJECTED";
export type CheckpointStatus = "PENDING" | "REACHED" | "DONE" | "FAILED";
export interface PatrolCheckpoint {
  checkpointId: string;
  name: Text;
  status: CheckpointStatus;
  reachedAt: string | null;
}
export interface Patrol {
  patrolId: string;
  routeId: string | null;
  routeName: Text;
  dogId: string;
  orderId: string;
  status: PatrolStatus;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  assignedBy: string;
  checkpoints: PatrolCheckpoint[];
  progress: number;
  reason: string | null;
}
export interface Incident {
  incidentId: string;
  siteId: string;
  kind: string;
  zoneId: string | null;
  zoneName: Text | null;
  status: "OPEN" | "ACKNOWLEDGED";
  firstSeen: string;
  lastSeen: string;
  frameStamp: string;
  receivedAt: string;
  position: { x: number; y: number; deviation?: number | null };
  score: number;
  detector: string;
  dogId: string;
  patrolId: string | null;
  sightings: number;
  pictureUrl: string | null;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  note: string | null;
}
export interface Evidence {
  evidenceId: string;
  capturedAt: string;
  nodeId?: string | null;
  contentUrl?: string | null;
}
export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  action: string;
  target: string | null;
}
export interface Session {
  username: string;
  role: string;
}
