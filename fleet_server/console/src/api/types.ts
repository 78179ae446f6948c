/** The server's words by the names the console uses; their shapes come from its OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Text = Schemas["TextView"];
export type Point = Schemas["PointView"];
export type Pose = Schemas["PoseView"];
export type Origin = Schemas["GeodeticView"];
export type Zone = Schemas["ZoneView"];
export type Checkpoint = Schemas["CheckpointView"];
export type SiteMap = Schemas["MapView"];
export type Site = Schemas["SiteView"];
export type Dog = Schemas["DogView"];
export type DogError = Schemas["ErrorView"];
export type Stop = Schemas["StopView"];
export type Route = Schemas["RouteView"];
export type RouteBody = Schemas["RouteBody"];
export type Patrol = Schemas["PatrolView"];
export type PatrolCheckpoint = Schemas["PatrolCheckpointView"];
export type Incident = Schemas["IncidentView"];
export type Evidence = Schemas["EvidenceView"];
export type AuditEntry = Schemas["AuditView"];
export type Session = Schemas["SessionView"];
export type SignInMethods = Schemas["SignInMethodsView"];
export type Account = Schemas["AccountView"];
export type NewPassword = Schemas["NewPasswordView"];
export type Role = Schemas["Role"];
export type Identity = Schemas["IdentityView"];
export type Invitation = Schemas["InvitationView"];
export type Schedule = Schemas["ScheduleView"];
export type ScheduleBody = Schemas["ScheduleBody"];
export type ComingRound = Schemas["ComingRoundView"];
export type Backtest = Schemas["BacktestView"];
export type BacktestBody = Schemas["BacktestBody"];
export type Round = Schemas["RoundView"];
export type RoundStatus = Schemas["RoundStatus"];
export type SentenceTaken = Schemas["SentenceTakenView"];
export type CameraView = Schemas["CameraViewView"];
export type Shift = Schemas["ShiftView"];
export type LedgerSummary = Schemas["SummaryView"];
export type Coverage = Schemas["CoverageView"];
export type LedgerPatrol = Schemas["PatrolAccountView"];
export type TrackPoint = Schemas["TrackPointView"];
export type Call = Schemas["CallView"];
export type CallBody = Schemas["CallBody"];
export type Candidates = Schemas["CandidatesView"];
export type Candidate = Schemas["CandidateView"];
export type Recall = Schemas["RecallView"];
export type ApiToken = Schemas["TokenView"];
export type NewApiToken = Schemas["NewTokenView"];
export type Center = Schemas["CenterView"];
export type NewCenter = Schemas["NewCenterView"];
export type DogHistory = Schemas["HistoryView"];
export type HistorySample = Schemas["SampleView"];
export type StopAnswer = Schemas["StopAnswerView"];

/** The kinds of zone that site.yaml knows; one that it does not is drawn as nothing. */
export type ZoneKind = "restricted" | "no_go" | "slow" | "privacy" | "watched";
