import { useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { ComingRound, Round, RoundStatus, Schedule, ScheduleBody } from "../api/types";

/** Rounds begin and are missed without a word on the live socket. */
const LOOK_AGAIN_MS = 30_000;

export const useSchedules = () =>
  useQuery({ queryKey: KEYS.schedules, queryFn: () => call<Schedule[]>("GET", "/schedules"), refetchInterval: LOOK_AGAIN_MS });

export const useCalendar = (days: number) =>
  useQuery({ queryKey: [...KEYS.calendar, days], queryFn: () => call<ComingRound[]>("GET", `/calendar?days=${days}`), refetchInterval: LOOK_AGAIN_MS });

export const useRounds = (status: RoundStatus | "") =>
  useQuery({ queryKey: ["rounds", status], queryFn: () => call<Round[]>("GET", `/rounds${status ? `?status=${status}` : ""}`), refetchInterval: LOOK_AGAIN_MS });

export const useSaveSchedule = () =>
  useChange(
    ({ scheduleId, version, schedule }: { scheduleId: string | null; version: string | null; schedule: ScheduleBody }) =>
      scheduleId === null ? call<Schedule>("POST", "/schedules", schedule, { once: true }) : call<Schedule>("PUT", `/schedules/${encodeURIComponent(scheduleId)}`, schedule, { version }),
    KEYS.schedules,
    KEYS.calendar,
    KEYS.backtest,
    KEYS.audit,
  );

/** A schedule as it is now, whoever has saved it. */
export const scheduleNow = (scheduleId: string) => call<Schedule>("GET", `/schedules/${encodeURIComponent(scheduleId)}`);

export const useDeleteSchedule = () =>
  useChange(({ scheduleId, version }: Schedule) => call<void>("DELETE", `/schedules/${encodeURIComponent(scheduleId)}`, undefined, { version }), KEYS.schedules, KEYS.calendar, KEYS.audit, KEYS.backtest);
